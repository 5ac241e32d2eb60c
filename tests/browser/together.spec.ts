// Several windows, reloads in the middle of things, folders and programs that go away.

import type { BrowserContext } from '@playwright/test';
import { App } from './support/app';
import { Remote } from './support/remote';
import { Server } from './support/server';
import { expect, test } from './support/test';
import { commit, small } from './support/templates';

async function second(context: BrowserContext, app: App, hash: string): Promise<App> {
  const other = new App(await context.newPage(), app.server);
  await other.open(hash);
  return other;
}

test('what one window does the other shows', async ({ app, context, page, repository }) => {
  const repo = await app.repository(await repository('deployed'), 'compare', '?a=production&b=HEAD');
  const other = await second(context, app, `#/r/${repo}/environments`);
  const staging = other.page.getByRole('article', { name: /staging/ });
  await expect(staging).toContainText('v1.1.0');
  await page.bringToFront();
  await page.getByRole('button', { name: 'Promote B…' }).click();
  await app.dialog().getByRole('button', { name: 'Promote to staging' }).click();
  await other.page.bringToFront();
  await expect(staging).toContainText('v1.3.0');
  await other.go(`#/settings`);
  await other.page.getByRole('radio', { name: /^Dark/ }).check({ force: true });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('a sample that is being made is found again after a reload', async ({ app, page }) => {
  test.setTimeout(180_000);
  await app.open();
  await page.getByRole('button', { name: 'Make the sample' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  const before = (await app.server.call('tasks', {}))[0]?.number ?? 0;
  await app.reload();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expect.poll(async () => (await app.server.call('tasks', {}))[0]?.number ?? 0).toBeGreaterThan(before);
  await page.getByRole('button', { name: /^Work under way: 1/ }).click();
  await page.getByRole('button', { name: 'Stop' }).last().click();
  await expect
    .poll(async () => (await app.server.call('tasks', {}))[0]?.state, { timeout: 60_000 })
    .toBe('stopped');
  await expect(page.getByText(/^Stopped/).first()).toBeVisible();
});

test('a repository that goes away while it is shown is told, and can be located or forgotten', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('sample');
  await app.repository(folder);
  await expect(page.getByRole('row', { name: /^Train for 20/ })).toBeVisible();
  await world.answer('mv', [folder, world.at('elsewhere')]);
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page.getByText(/not where it was/i).first()).toBeVisible();
  await app.pick(world.at('elsewhere'));
  await page.getByRole('button', { name: /^Locate/ }).click();
  await expect(page.getByRole('row', { name: /^Train for 20/ })).toBeVisible();
  expect((await app.server.call('repositories', {})).map((card) => card.name)).toEqual(['elsewhere']);

  await world.answer('rm', ['-rf', world.at('elsewhere')]);
  await app.reload();
  await page.getByRole('button', { name: 'Forget' }).click();
  await expect(page).toHaveURL(/#\/$/);
  expect(await app.server.call('repositories', {})).toEqual([]);
});

test('what is fetched appears, and what is shared arrives', async ({ app, page, world }) => {
  const remote = await Remote.start(world);
  try {
    const from = world.at('work');
    await small(world, from);
    const url = await remote.publish(from, 'model.git');
    await world.git(world.path, ['clone', '--quiet', url, 'copy']);
    const repo = await app.repository(world.at('copy'), 'runs');
    world.write('work/notes.md', 'more\n');
    await commit(world, from, 'Write down more');
    await world.git(from, ['push', '--quiet', url, 'main']);
    await page.getByRole('button', { name: 'Repository: copy' }).click();
    await page.getByRole('menuitem', { name: /^Fetch/ }).click();
    await expect(page.getByRole('region', { name: 'Messages' })).toContainText(/[Ff]etch/);
    expect(await world.git(world.at('copy'), ['log', '-1', '--format=%s', 'origin/main'])).toBe(
      'Write down more',
    );

    const { run } = await world.keelmark(world.at('copy'), ['train']);
    await page.getByRole('button', { name: 'Repository: copy' }).click();
    await page.getByRole('menuitem', { name: /^Share/ }).click();
    await expect
      .poll(async () =>
        world.git(world.at('remotes/model.git'), ['for-each-ref', '--format=%(refname)', 'refs/keelmark']),
      )
      .toContain(run as string);
    expect((await app.server.call('runs', { repo, model: null })).length).toBe(1);
  } finally {
    await remote.stop();
  }
});

test('a backend that goes away is told, and the page goes on when it is back', async ({
  app,
  guard,
  page,
  repository,
  world,
}) => {
  guard.allowLostLine = true;
  const repo = await app.repository(await repository('sample'), 'runs');
  await app.server.stop();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page.getByText('The program behind the window did not answer.').first()).toBeVisible();
  // The same port and another token: the page of the tests has to be opened anew, as a window would be.
  const again = await Server.start(world);
  guard.origin = again.origin;
  await page.goto(again.url(`#/r/${repo}/runs`));
  await expect(page.getByRole('grid', { name: 'Runs' })).toBeVisible();
  await again.stop();
});
