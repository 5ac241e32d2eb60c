// The history: its table, marks, filter, keys, and what of it an address keeps.

import type { Page } from '@playwright/test';
import { expect, test } from './support/test';
import { commit } from './support/templates';

const versions = (page: Page) => page.getByRole('grid', { name: 'Versions' });
const rows = (page: Page) => versions(page).locator('[role="rowgroup"] [role="row"]');
const filter = (page: Page) => page.getByRole('textbox', { name: 'Filter versions' });

test('every version is listed, newest first, with its metrics and where it is deployed', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('deployed'));
  await expect(rows(page)).toHaveCount(12);
  await expect(versions(page)).toHaveAttribute('aria-rowcount', '13');
  await expect(rows(page).first()).toHaveAccessibleName(/^Train for 20 epochs/);
  await expect(rows(page).last()).toHaveAccessibleName(/^Start from the scanned digits/);
  const deployed = page.getByRole('row', { name: /^Write down how the labels/ });
  await expect(deployed).toContainText('production');
  await expect(deployed).toContainText('staging');
  await expect(page.getByRole('row', { name: /^Regularise/ })).toHaveAccessibleName(
    /Accuracy 57\.1 % \(52\.5…61\.6 %\)|Accuracy 57\.1 %/,
  );
});

test('two marks by keyboard open the comparison, the older as its baseline', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('sample'));
  await page.keyboard.press('j');
  await expect(rows(page).first()).toBeFocused();
  for (const key of ['j', 'j', 'k', 'Space']) await page.keyboard.press(key);
  await expect(rows(page).nth(1)).toBeFocused();
  await expect(rows(page).nth(1)).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('region', { name: 'Marked versions' })).toContainText('Mark another version');
  await page.keyboard.press('End');
  await expect(rows(page).last()).toBeFocused();
  await page.keyboard.press('Space');
  await page.keyboard.press('c');
  await expect(page).toHaveURL(/\/compare\?/);
  await expect(page.getByText('Start from the scanned digits')).toBeVisible();
  await expect(page.getByText('Give the convolution 32 channels')).toBeVisible();
  const query = new URLSearchParams(app.hash().split('?')[1]);
  const log = await app.server.call('history', {
    repo: app.hash().split('/')[2] ?? '',
    model: null,
    revision: null,
    limit: null,
    path: null,
  });
  expect([query.get('a'), query.get('b')]).toEqual([log.commits[11]?.commit, log.commits[1]?.commit]);
});

test('marks, filter, sorting and the open version survive a reload', async ({ app, page, repository }) => {
  await app.repository(await repository('sample'));
  await page
    .getByRole('row', { name: /^Move to a convolutional/ })
    .getByRole('checkbox')
    .click();
  await filter(page).fill('accuracy>0.9');
  await expect(rows(page)).toHaveCount(7);
  await page
    .getByRole('columnheader', { name: /^Accuracy/ })
    .getByRole('button')
    .click();
  await page.getByRole('row', { name: /^Anneal the learning rate/ }).dblclick();
  await expect(page.getByRole('complementary', { name: 'Version' })).toContainText(
    'Anneal the learning rate',
  );
  const before = await rows(page).allTextContents();
  await app.reload();
  await expect(filter(page)).toHaveValue('accuracy>0.9');
  await expect(rows(page)).toHaveCount(7);
  expect(await rows(page).allTextContents()).toEqual(before);
  await expect(page.getByRole('columnheader', { name: /^Accuracy/ })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  await expect(page.getByRole('complementary', { name: 'Version' })).toContainText(
    'Anneal the learning rate',
  );
  await expect(page.getByRole('row', { name: /^Move to a convolutional/ })).toHaveAttribute(
    'aria-selected',
    'true',
  );
});

test('a filter speaks of metrics, authors, paths, branches and environments', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('deployed');
  await world.git(folder, ['checkout', '--quiet', '-b', 'wider', 'HEAD~3']);
  world.write('deployed/notes.md', 'wider\n');
  await commit(world, folder, 'Think about a wider net');
  await world.git(folder, ['checkout', '--quiet', 'main']);
  await app.repository(folder);
  for (const [words, count] of [
    ['accuracy<80%', 2],
    ['accuracy>=0.9 -author:tobias', 4],
    ['touched:data/', 2],
    ['env:production', 1],
    ['tag:v1.1', 1],
    ['branch:wider wider', 1],
    ['convolution', 1],
    ['nothing has these words', 0],
  ] as const) {
    await filter(page).fill(words);
    await expect(rows(page), words).toHaveCount(count);
  }
  await page.getByRole('button', { name: 'Clear filter' }).last().click();
  await expect(rows(page)).toHaveCount(12);
});

test('what a filter cannot mean is told, and the rest of it holds', async ({ app, page, repository }) => {
  await app.repository(await repository('sample'));
  await page.keyboard.press('/');
  await expect(filter(page)).toBeFocused();
  await page.keyboard.type('author:ines accurcy>0.9');
  await expect(page.getByText('There is no metric “accurcy”. Did you mean “accuracy”?')).toBeVisible();
  await expect(filter(page)).toHaveAttribute('aria-invalid', 'true');
  await expect.poll(() => rows(page).count()).toBeLessThan(12);
  await page.keyboard.press('Escape');
  await expect(filter(page)).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(rows(page).first()).toBeFocused();
});

test('a version shows its metrics, gates and runs, and leads to training and promotion', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('deployed'));
  await rows(page).first().focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: 'Version' });
  await expect(panel.getByRole('heading', { name: /^Train for 20 epochs/ })).toBeFocused();
  await expect(panel.getByRole('row', { name: /^Accuracy 97\.8 %/ })).toBeVisible();
  await expect(panel.getByText('Ready')).toBeVisible();
  await expect(panel.getByRole('link')).toHaveCount(1);
  await panel.getByRole('button', { name: 'Promote…' }).click();
  await expect(app.dialog()).toContainText('Train for 20 epochs');
  await page.keyboard.press('Escape');
  await expect(app.dialog()).toHaveCount(0);
  await expect(panel.getByRole('button', { name: 'Promote…' })).toBeFocused();
  await panel.getByRole('button', { name: 'Train this version' }).click();
  await expect(app.dialog()).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(panel).toHaveCount(0);
  await expect(rows(page).first()).toBeFocused();
});

test('the b key compares a version with what is in production', async ({ app, page, repository }) => {
  await app.repository(await repository('deployed'));
  await rows(page).first().focus();
  await page.keyboard.press('b');
  await expect(page).toHaveURL(/\/compare\?/);
  await expect(page.getByText('Write down how the labels')).toBeVisible();
  await expect(page.getByText('Train for 20 epochs')).toBeVisible();
});

test('columns can be chosen and stay chosen', async ({ app, page, repository }) => {
  await app.repository(await repository('sample'));
  await page.getByRole('main').getByRole('button', { name: 'Metrics', exact: true }).click();
  await page
    .getByRole('group', { name: 'Metrics shown as columns' })
    .getByRole('button', { name: 'Log loss' })
    .click();
  await expect(page.getByRole('columnheader', { name: /^Log loss/ })).toBeVisible();
  await app.reload();
  await expect(page.getByRole('columnheader', { name: /^Log loss/ })).toBeVisible();
});

test('a commit made elsewhere appears by itself', async ({ app, page, repository, world }) => {
  const folder = await repository('sample');
  await app.repository(folder);
  await expect(rows(page)).toHaveCount(12);
  world.write('sample/notes.md', 'more\n');
  await commit(world, folder, 'Write down more');
  await expect(rows(page)).toHaveCount(13);
  await expect(rows(page).first()).toHaveAccessibleName(/^Write down more/);
});

test('two thousand versions scroll without drawing them all', async ({ app, page, repository, world }) => {
  const folder = await repository('bare-of-models');
  const lines = Array.from(
    { length: 2000 },
    (_, index) => `commit refs/heads/main
committer Ada Lovelace <ada@example.org> ${1_760_000_000 + index * 60} +0000
data <<END
Step ${index}
END
${index === 0 ? 'from refs/heads/main^0\n' : ''}`,
  );
  world.write('import.txt', lines.join('\n'));
  await world.answer('sh', ['-c', `git fast-import --quiet < ../import.txt`], folder);
  await app.repository(folder);
  await expect(versions(page)).toHaveAttribute('aria-rowcount', /^20\d\d$/);
  expect(await rows(page).count()).toBeLessThan(120);
  await page.keyboard.press('j');
  await page.keyboard.press('End');
  await expect(page.getByRole('row', { name: /^Write down what this is about/ })).toBeFocused();
});
