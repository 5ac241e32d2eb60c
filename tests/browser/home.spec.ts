// The three doors, and the list of what was opened.

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { Remote } from './support/remote';
import { expect, test as base } from './support/test';
import { commit, small, start } from './support/templates';

const test = base.extend<{ remote: Remote }>({
  remote: async ({ world }, use) => {
    const remote = await Remote.start(world);
    await use(remote);
    await remote.stop();
  },
});

const door = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const toast = (page: Page) => page.getByRole('region', { name: 'Messages' });

test('from a cold start, the first comparison takes at most six actions', async ({ app, page, server }) => {
  test.setTimeout(180_000);
  await app.open();
  await app.click(page.getByRole('button', { name: 'Make the sample' }));
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expect(page).toHaveURL(/\/history/, { timeout: 150_000 });
  await app.click(toast(page).getByRole('button', { name: 'Compare the last two' }));
  await expect(page.getByRole('button', { name: 'Promote B…' })).toBeVisible();
  await expect(page.getByRole('main').getByText(/Accuracy: no clear change/)).toBeVisible();
  expect(app.actions, 'clicks, keys and texts until the first comparison').toBeLessThanOrEqual(6);
  const [card] = await server.call('repositories', {});
  expect(card).toMatchObject({ models: ['digits'], state: 'ready' });
});

test('a folder is looked at before it is opened, and looking writes nothing', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('sample');
  const refs = await world.git(folder, ['for-each-ref']);
  await app.open();
  await app.pick(folder);
  await page.getByRole('button', { name: 'Choose folder…' }).click();
  const mine = door(page, 'My folder');
  await expect(mine.getByText('Found: 1 model. Nothing will be written.')).toBeVisible();
  await expect(mine.getByText('digits', { exact: true })).toBeVisible();
  expect(await app.server.call('repositories', {}), 'looking remembers nothing').toEqual([]);
  expect(await world.git(folder, ['for-each-ref'])).toBe(refs);
  expect(await world.git(folder, ['status', '--porcelain'])).toBe('');
  // The way on is under the keyboard.
  await expect(mine.getByRole('button', { name: 'Open', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/history/);
  await expect(page.getByRole('grid', { name: 'Versions' }).getByRole('row')).toHaveCount(13);
});

test('a path can be pasted; a folder without a repository is told with what to do', async ({
  app,
  page,
  world,
}) => {
  world.write('plain/readme.txt', 'no repository here');
  await app.open();
  const mine = door(page, 'My folder');
  await mine.getByRole('textbox', { name: 'Path of a folder' }).fill(world.at('plain'));
  await page.keyboard.press('Enter');
  await expect(mine.getByText(/Choose a folder with a Git repository|clone one/)).toBeVisible();
  await expect(mine.getByRole('button', { name: 'Open', exact: true })).toHaveCount(0);
  expect(existsSync(world.at('plain/.git')), 'nothing was made there').toBe(false);
});

test('a repository is cloned over HTTP with its runs, and progress is seen', async ({
  app,
  page,
  remote,
  world,
}) => {
  const from = world.at('work');
  await small(world, from);
  const { run } = (await world.keelmark(from, ['train'])) as { run: string };
  world.write('work/noise.bin', randomBytes(700_000));
  const head = await commit(world, from, 'Make some noise');
  const url = await remote.publish(from, 'model.git');
  remote.hold();
  await app.open();
  const clone = door(page, 'Clone');
  await clone.getByRole('textbox', { name: 'Address' }).fill(url);
  await expect(clone.getByText(join(world.at('keelmark/clones'), 'model'))).toBeVisible();
  await clone.getByRole('button', { name: 'Clone', exact: true }).click();
  const progress = clone.getByRole('progressbar');
  await expect(progress).toBeVisible();
  await expect(clone.getByRole('button', { name: 'Stop' })).toBeVisible();
  // Other work goes on meanwhile, and so does the clone when the page comes back.
  await app.reload();
  await expect(clone.getByRole('progressbar')).toBeVisible();
  remote.release();
  await expect(page).toHaveURL(/\/history/, { timeout: 30_000 });
  await expect(toast(page)).toContainText('model is cloned.');
  const folder = world.at('keelmark/clones/model');
  expect(await world.git(folder, ['rev-parse', 'HEAD'])).toBe(head);
  await expect(page.getByRole('row', { name: /Tell three clouds apart/ })).toContainText('%');
  const [card] = await app.server.call('repositories', {});
  const runs = await app.server.call('runs', { repo: card?.repo ?? '', model: null });
  expect(runs.map((found) => found.run)).toEqual([run]);
});

test('a clone that is stopped leaves nothing behind and can be tried again', async ({
  app,
  page,
  remote,
  world,
}) => {
  const from = world.at('work');
  await start(world, from);
  world.write('work/noise.bin', randomBytes(900_000));
  await commit(world, from, 'Make some noise');
  const url = await remote.publish(from, 'model.git');
  remote.hold();
  await app.open();
  const clone = door(page, 'Clone');
  await clone.getByRole('textbox', { name: 'Address' }).fill(url);
  await page.keyboard.press('Enter');
  await clone.getByRole('button', { name: 'Stop' }).click();
  await expect(clone.getByText(/^Stopped/)).toBeVisible();
  expect(existsSync(world.at('keelmark/clones/model')), 'no half of a clone').toBe(false);
  remote.release();
  await clone.getByRole('button', { name: 'Try again' }).click();
  await expect(page).toHaveURL(/\/history/);
});

test('what stands in the way of a clone is told, with a way on', async ({ app, page, remote, world }) => {
  const from = world.at('work');
  await small(world, from);
  const url = await remote.publish(from, 'model.git');
  await app.open();
  const clone = door(page, 'Clone');
  const address = clone.getByRole('textbox', { name: 'Address' });

  remote.denies = true;
  await address.fill(url);
  await page.keyboard.press('Enter');
  await expect(
    clone
      .getByRole('alert')
      .or(clone.getByText(/credential|password|denied/i))
      .first(),
  ).toBeVisible();
  remote.denies = false;
  await clone.getByRole('button', { name: 'Dismiss' }).click();

  await address.fill('http://127.0.0.1:9/none.git');
  await page.keyboard.press('Enter');
  await expect(clone.getByText(/reach|connect/i).first()).toBeVisible();
  await clone.getByRole('button', { name: 'Dismiss' }).click();

  await world.git(world.path, ['clone', '--quiet', from, world.at('keelmark/clones/model')]);
  await address.fill(url);
  await page.keyboard.press('Enter');
  await expect(clone.getByText(/is there already|is not empty|exists/i).first()).toBeVisible();
  await clone.getByRole('button', { name: 'Look at what is there' }).click();
  await expect(door(page, 'My folder').getByText(/^Found: 1 model/)).toBeVisible();
  expect(readdirSync(world.at('keelmark/clones'))).toEqual(['model']);
});

test('the list opens, forgets and finds again', async ({ app, page, repository, world }) => {
  const [one, other] = [await repository('bare-of-models', 'one'), await repository('sample', 'other')];
  await app.remember(one);
  await app.remember(other);
  await app.open();
  const list = page.getByRole('grid', { name: 'Repositories' });
  await expect(list.getByRole('row')).toHaveCount(3);
  await expect(list.getByRole('row').nth(1), 'the newest first').toContainText('other');

  await page.getByRole('button', { name: 'Actions for one' }).click();
  await page.getByRole('menuitem', { name: /^Forget/ }).click();
  await expect(list.getByRole('row')).toHaveCount(2);
  expect(existsSync(join(one, '.git')), 'its files stay').toBe(true);
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await expect(list.getByRole('row')).toHaveCount(3);

  await world.answer('mv', [one, world.at('moved')]);
  await app.reload();
  const moved = list.getByRole('row', { name: /one/ });
  await expect(moved).toContainText('Not where it was');
  await app.pick(world.at('moved'));
  await moved.getByRole('button', { name: 'Locate…' }).click();
  await expect(list.getByRole('row', { name: /moved/ })).toContainText('No model.yaml');
  await expect(list.getByText('Not where it was')).toHaveCount(0);

  await list.getByRole('link', { name: 'other' }).click();
  await expect(page).toHaveURL(/\/history/);
});

test('what the command line or a second start asks for is opened', async ({
  app,
  page,
  repository,
  server,
}) => {
  const folder = await repository('sample');
  await app.open();
  await server.ask({ folder });
  await expect(page).toHaveURL(/\/history|#\/$/);
  await expect(
    page
      .getByText('Found: 1 model')
      .or(page.getByRole('grid', { name: 'Versions' }))
      .first(),
  ).toBeVisible();
  await server.ask({ url: 'https://example.org/team/model.git' });
  await expect(page.getByRole('textbox', { name: 'Address' })).toHaveValue(
    'https://example.org/team/model.git',
  );
});
