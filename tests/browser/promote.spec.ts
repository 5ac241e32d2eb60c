// Promotion: what is shown is what is committed, in one click where the gates pass, never over somebody else's work.

import type { Page } from '@playwright/test';
import type { App } from './support/app';
import { Remote } from './support/remote';
import { expect, test } from './support/test';

const DEPLOY = 'refs/heads/keelmark/deploy';
const READY = '?a=production&b=HEAD';
const BLOCKED = '?a=production&b=HEAD~4';

const toast = (page: Page) => page.getByRole('region', { name: 'Messages' });
const sheet = (app: App) => app.dialog(/^Promote/);
const act = (app: App, name: RegExp | string) => sheet(app).getByRole('button', { name });

async function openSheet(app: App): Promise<void> {
  await app.click(app.page.getByRole('button', { name: 'Promote B…' }));
  await expect(act(app, /^Promote (to|with)/)).toBeVisible();
}

test('where the gates pass, one click commits exactly what is shown', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('deployed');
  await app.repository(folder, 'compare', READY);
  const before = await world.git(folder, ['rev-parse', DEPLOY]);
  const tree = await world.git(folder, ['status', '--porcelain']);
  await openSheet(app);
  await expect(sheet(app).getByRole('radio', { name: /^staging/ })).toBeChecked();
  await expect(sheet(app).getByText('READY', { exact: true })).toBeVisible();
  const shown = await sheet(app)
    .getByTitle(/^[0-9a-f]{40}$/)
    .evaluateAll((all) => all.map((one) => one.getAttribute('title')));
  const text = await sheet(app).innerText();
  expect(text).toContain('environments/staging/digits/release/deployment.yaml');
  expect(text).toContain('Release:');
  app.actions = 0;
  await app.click(act(app, 'Promote to staging'));
  await expect(toast(page)).toContainText(/digits v[\d.]+ promoted to staging/);
  expect(app.actions, 'one click').toBe(1);
  await expect(sheet(app)).toHaveCount(0);
  const after = await world.git(folder, ['rev-parse', DEPLOY]);
  expect(after).not.toBe(before);
  expect(await world.git(folder, ['rev-parse', `${DEPLOY}^`])).toBe(before);
  // To the byte: the message and every changed line were on screen.
  const message = await world.git(folder, ['log', '-1', '--format=%B', DEPLOY]);
  for (const line of message.split('\n').filter(Boolean))
    expect(text.replaceAll(/\s+/g, ' ')).toContain(line.replaceAll(/\s+/g, ' '));
  const patch = await world.git(folder, [
    'show',
    '--format=',
    '--unified=0',
    DEPLOY,
    '--',
    'environments/staging/digits/release/deployment.yaml',
  ]);
  for (const line of patch.split('\n').filter((line) => /^\+[^+]/.test(line)))
    expect(text).toContain(line.slice(1).trim());
  expect(shown.length).toBeGreaterThan(0);
  expect(await world.git(folder, ['status', '--porcelain']), 'the work tree is never touched').toBe(tree);
  expect((await world.keelmark(folder, ['audit', '--verify'])).tampered).toBe(false);
});

test('Undo rolls back what was just promoted', async ({ app, page, repository, world }) => {
  const folder = await repository('deployed');
  const repo = await app.repository(folder, 'compare', READY);
  await openSheet(app);
  await act(app, 'Promote to staging').click();
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await expect(toast(page)).toContainText(/Undone: staging desires v1\.1\.0 again/);
  const { environments } = await app.server.call('environments', { repo, model: null });
  expect(environments.find((one) => one.environment === 'staging')?.desired?.deployment.release).toBe(
    'v1.1.0',
  );
  expect(await world.git(folder, ['log', '-2', '--format=%s', DEPLOY])).toMatch(/^Roll back .*\nPromote /);
});

test('a blocked candidate needs a reason, which stands in the commit', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('deployed');
  await app.repository(folder, 'compare', BLOCKED);
  await openSheet(app);
  await expect(sheet(app).getByText('BLOCKED')).toBeVisible();
  const before = await world.git(folder, ['rev-parse', DEPLOY]);
  await act(app, /override/).click();
  const reason = sheet(app).getByRole('textbox', { name: /^Reason/ });
  await expect(reason).toBeFocused();
  await expect(reason).toHaveAttribute('aria-invalid', 'true');
  expect(await world.git(folder, ['rev-parse', DEPLOY]), 'nothing without a reason').toBe(before);
  await reason.fill('short');
  await act(app, /override/).click();
  await expect(
    sheet(app)
      .getByText(/more characters? at least/)
      .first(),
  ).toBeVisible();
  const words = 'The customer asked for it, Ines agreed <script>alert(1)</script>';
  await reason.fill(words);
  await expect(sheet(app).getByText('Override-Reason:')).toBeVisible();
  await act(app, 'Promote with override').click();
  await expect(toast(page)).toContainText('promoted to staging');
  expect(await world.git(folder, ['log', '-1', '--format=%B', DEPLOY])).toContain(
    `Override-Reason: ${words}`,
  );
});

test('when the branch moved meanwhile nothing is written, and the preview is shown again', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('deployed');
  await app.repository(folder, 'compare', READY);
  await openSheet(app);
  await page.route('**/events', (route) => route.abort());
  await world.keelmark(folder, ['promote', 'HEAD~1', '--to', 'staging']);
  const moved = await world.git(folder, ['rev-parse', DEPLOY]);
  await act(app, 'Promote to staging').click();
  const again = sheet(app).getByRole('alert', { name: /no longer what was shown/ });
  await expect(again).toBeVisible();
  await expect(again).toContainText('Nothing was written.');
  expect(await world.git(folder, ['rev-parse', DEPLOY])).toBe(moved);
  await expect(act(app, 'Promote to staging')).toHaveCount(0);
  await act(app, 'Look again').click();
  await act(app, 'Promote to staging').click();
  await expect(toast(page)).toContainText('promoted to staging');
  expect(await world.git(folder, ['rev-parse', `${DEPLOY}^`])).toBe(moved);
});

test('an environment that follows another waits for it', async ({ app, repository }) => {
  await app.repository(await repository('deployed'), 'compare', READY);
  await openSheet(app);
  await sheet(app).getByText('production', { exact: true }).click();
  await expect(sheet(app).getByText('staging does not desire this yet')).toBeVisible();
  await expect(act(app, 'Promote to production')).toHaveCount(0);
});

test('what is desired already writes nothing', async ({ app, repository }) => {
  await app.repository(await repository('deployed'), 'compare', '?a=HEAD&b=production');
  await app.page.getByRole('button', { name: 'Promote B…' }).click();
  await expect(
    sheet(app)
      .getByText(/desires v1\.1\.0 already/)
      .first(),
  ).toBeVisible();
  await expect(act(app, /^Promote to/)).toHaveCount(0);
});

test('a promotion is pushed, and one that cannot be waits and is shared later', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('deployed');
  const remote = await Remote.start(world);
  try {
    const url = await remote.publish(folder, 'model.git');
    await world.git(folder, ['remote', 'add', 'origin', url]);
    const repo = await app.repository(folder, 'compare', READY);
    await openSheet(app);
    await expect(
      sheet(app)
        .getByRole('checkbox', { name: 'Push to origin' })
        .or(sheet(app).getByRole('switch', { name: /Push to origin/ })),
    ).toBeChecked();
    await act(app, 'Promote to staging').click();
    await expect(toast(page)).toContainText('Pushed.');
    const bare = world.at('remotes/model.git');
    const tip = await world.git(folder, ['rev-parse', DEPLOY]);
    expect(await world.git(bare, ['rev-parse', DEPLOY])).toBe(tip);

    remote.denies = true;
    await app.go(`#/r/${repo}/environments`);
    await page.getByRole('button', { name: /^Roll back staging/ }).click();
    const back = app.dialog(/^Roll back/);
    await back.getByRole('button', { name: /^Roll back staging to/ }).click();
    await expect(back.getByRole('alert').filter({ hasText: 'The remote denied access' })).toBeInViewport();
    await back.getByRole('button', { name: 'Commit here, do not push' }).click();
    await back.getByRole('button', { name: /^Roll back staging to/ }).click();
    await expect(page.getByText('Deployments wait here')).toBeVisible();
    remote.denies = false;
    await page.getByRole('main').getByRole('button', { name: 'Share now' }).click();
    await expect(page.getByText('Deployments wait here')).toHaveCount(0);
    expect(await world.git(bare, ['rev-parse', DEPLOY])).toBe(await world.git(folder, ['rev-parse', DEPLOY]));
  } finally {
    await remote.stop();
  }
});

test('who is unknown to Git is asked for a name first', async ({ app, repository, world }) => {
  world.write('home/.gitconfig', '[init]\n  defaultBranch = main\n');
  const folder = await repository('deployed');
  await app.repository(folder, 'compare', READY);
  await app.page.getByRole('button', { name: 'Promote B…' }).click();
  await sheet(app).getByRole('textbox', { name: 'Name' }).fill('Grace Hopper');
  await sheet(app)
    .getByRole('textbox', { name: /^E-mail/ })
    .fill('grace@example.org');
  await act(app, 'Use these').click();
  await act(app, 'Promote to staging').click();
  await expect(toast(app.page)).toContainText('promoted to staging');
  expect(await world.git(folder, ['log', '-1', '--format=%an <%ae>', DEPLOY])).toBe(
    'Grace Hopper <grace@example.org>',
  );
});
