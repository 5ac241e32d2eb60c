// Compare, the heart: can I ship it, why, where is it worse, what changed.

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { CommandMap } from '$generated/bindings';
import { expect, test } from './support/test';

/** From before a regression to it: everything has something to show. */
const REGRESSION = '?a=HEAD~5&b=HEAD~4';

const tab = (page: Page, name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) });
const panel = (page: Page) => page.getByRole('tabpanel');
const compared = (page: Page) => page.getByRole('tab', { name: 'Overview' });

type Compared = CommandMap['compare']['answer'];

test('the usual sides are what is in production and the newest version with a run', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('deployed'), 'compare');
  await expect(page.getByRole('combobox', { name: 'A baseline' })).toHaveValue('production');
  await expect(page.getByRole('combobox', { name: 'B candidate' })).toHaveValue(/main|6507ba0/);
  await expect(page.getByRole('region', { name: 'Ready' })).toContainText('All 3 gates pass.');
});

test('a regression is blocked, with the words, numbers and gates of the backend', async ({
  app,
  page,
  repository,
}) => {
  const repo = await app.repository(await repository('deployed'), 'compare', REGRESSION);
  const answer: Compared = await app.server.call('compare', {
    repo,
    a: 'HEAD~5',
    b: 'HEAD~4',
    model: null,
  });
  expect(answer.decision).toBe('blocked');
  const banner = page.getByRole('region', { name: 'Blocked' });
  await expect(banner).toContainText(answer.why);
  for (const gate of answer.gates)
    await expect(banner.getByRole('listitem').filter({ hasText: gate.name })).toBeVisible();
  await expect(banner.getByText('same test set')).toBeVisible();
  const accuracy = page.getByRole('row', { name: /^Accuracy/ }).first();
  await expect(accuracy).toContainText('97.3 %');
  await expect(accuracy).toContainText('57.1 %');
  await expect(accuracy).toContainText('Worse');
  await expect(tab(page, 'Flips')).toContainText(String(answer.flips.total));
});

test('every section has its content', async ({ app, page, repository }) => {
  const repo = await app.repository(await repository('deployed'), 'compare', REGRESSION);
  const answer: Compared = await app.server.call('compare', {
    repo,
    a: 'HEAD~5',
    b: 'HEAD~4',
    model: null,
  });
  await expect(compared(page)).toBeVisible();

  await tab(page, 'Metrics').click();
  await expect(
    panel(page)
      .getByRole('row', { name: /^Log loss/ })
      .first(),
  ).toContainText('Worse');
  await expect(panel(page).getByText('By class').first()).toBeVisible();

  await tab(page, 'Curves').click();
  await expect(panel(page).getByRole('application').first()).toBeVisible();

  await tab(page, 'Flips').click();
  const flips = panel(page).getByRole('grid', { name: 'Changed predictions' });
  await expect(flips).toHaveAttribute('aria-rowcount', String(answer.flips.examples.length + 1));
  await expect(flips.getByRole('row').nth(1), 'broken first').toHaveAccessibleName(/^broken/);

  await tab(page, 'Slices').click();
  await expect(panel(page).getByRole('row')).toHaveCount(answer.slices.length + 1);

  await tab(page, 'Data').click();
  await expect(panel(page)).toContainText('2 data files are the same.');

  await tab(page, 'Config').click();
  for (const change of (answer.config?.changes ?? []).slice(0, 5)) {
    await expect(panel(page)).toContainText(change.path);
  }

  await tab(page, 'Code').click();
  await expect(panel(page)).toContainText('model.yaml');

  await tab(page, 'Model').click();
  await expect(panel(page)).toContainText('‖ΔW‖');

  await tab(page, 'Cost').click();
  await expect(panel(page)).toContainText('Parameters');
});

test('the section, the flip and the filter survive a reload', async ({ app, page, repository }) => {
  await app.repository(await repository('deployed'), 'compare', REGRESSION);
  await tab(page, 'Flips').click();
  await panel(page)
    .getByRole('button', { name: /fixed$/ })
    .click();
  await panel(page).getByRole('grid', { name: 'Changed predictions' }).getByRole('row').nth(1).click();
  const title = page.getByRole('heading', { name: /^Example/ });
  await expect(title).toBeVisible();
  const words = await title.textContent();
  await app.reload();
  await expect(tab(page, 'Flips')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('heading', { name: words ?? '' })).toBeVisible();
});

test('a flip shows its picture and what each side said, and j and k go on', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('deployed'), 'compare', REGRESSION);
  await tab(page, 'Flips').click();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  const example = page.getByRole('region', { name: /^Example/ });
  await expect(example.getByText('Truth', { exact: true })).toBeVisible();
  await expect(example.locator('canvas, svg, img').first()).toBeVisible();
  await expect(example.getByText(/8 × 8 pixels/)).toBeVisible();
  const first = await example.getByRole('heading').first().textContent();
  await page.keyboard.press('j');
  await expect(
    page
      .getByRole('region', { name: /^Example/ })
      .getByRole('heading')
      .first(),
  ).not.toHaveText(first ?? '');
  await page.keyboard.press('Escape');
  await expect(example).toHaveCount(0);
});

test('a cell of the confusion matrix filters the flips', async ({ app, page, repository }) => {
  await app.repository(await repository('deployed'), 'compare', REGRESSION);
  const matrix = page.getByRole('grid', { name: /^Confusion/ });
  const cell = matrix.getByRole('gridcell', { name: /: \+\d+: worse$/ }).first();
  const name = /^True (.+), predicted (.+?): [+−]/.exec((await cell.getAttribute('aria-label')) ?? '');
  await cell.click();
  const flips = page.getByRole('grid', { name: 'Changed predictions' });
  await expect(flips.getByRole('row').nth(1)).toHaveAccessibleName(
    new RegExp(`truth ${name?.[1]},.*B said ${name?.[2]}$`),
  );
});

test('x swaps the sides and turns every verdict round', async ({ app, page, repository }) => {
  const repo = await app.repository(await repository('deployed'), 'compare', REGRESSION);
  await expect(page.getByRole('row', { name: /^Accuracy/ }).first()).toContainText('Worse');
  await page.keyboard.press('x');
  await expect(page).toHaveURL(/a=HEAD(~|%7E)4&b=HEAD(~|%7E)5/);
  await expect(page.getByRole('row', { name: /^Accuracy/ }).first()).toContainText('Better');
  const turned: Compared = await app.server.call('compare', {
    repo,
    a: 'HEAD~4',
    b: 'HEAD~5',
    model: null,
  });
  await expect(page.getByRole('main')).toContainText(turned.why);
});

test('d shows changes only', async ({ app, page, repository }) => {
  await app.repository(await repository('deployed'), 'compare', '?a=production&b=HEAD');
  const rows = page.getByRole('table', { name: 'Metrics' }).first().getByRole('row');
  await expect(page.getByText('No clear change').first()).toBeVisible();
  const all = await rows.count();
  await page.keyboard.press('d');
  await expect(page.getByRole('switch', { name: 'Changes only' })).toBeChecked();
  await expect.poll(() => rows.count()).toBeLessThan(all);
  await expect(page.getByText(/without a clear change hidden/).first()).toBeVisible();
});

test('a side is chosen by typing: branch, tag, version, run or environment', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('deployed'), 'compare', REGRESSION);
  const b = page.getByRole('combobox', { name: 'B candidate' });
  await b.click();
  await b.fill('stag');
  await page
    .getByRole('option', { name: /^staging/ })
    .first()
    .click();
  await expect(page).toHaveURL(/b=staging/);
  await expect(page.getByText('Write down how the labels')).toBeVisible();
  await b.click();
  await b.fill('no such thing');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/no such thing/).first()).toBeVisible();
});

test('a version without a run says so and leads to a training', async ({ app, page, repository, world }) => {
  const folder = await repository('sample');
  await world.git(folder, ['commit', '--quiet', '--allow-empty', '--message', 'Nothing new']);
  await app.repository(folder, 'compare', '?a=HEAD~1&b=HEAD');
  await page.getByRole('button', { name: /^Train/ }).click();
  await expect(app.dialog()).toBeVisible();
});

test('a report stands alone and holds the verdict', async ({ app, page, repository }) => {
  await app.repository(await repository('deployed'), 'compare', REGRESSION);
  const save = async (item: RegExp): Promise<string> => {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ]);
    return readFileSync(await download.path(), 'utf8');
  };
  const html = await save(/HTML/);
  expect(html).toContain('<html');
  expect(html).not.toMatch(/src="http|<script|@import|url\(http/);
  const json = JSON.parse(await save(/JSON/)) as Compared;
  expect(json.decision).toBe('blocked');
});

test('two prediction files are compared without a repository', async ({ app, page, world }) => {
  const file = (wrong: number): string =>
    `id,y_true,p_a,p_b\n${Array.from({ length: 60 }, (_, row) => {
      const truth = row % 2;
      const right = row % 10 >= wrong;
      const share = right === (truth === 0) ? 0.9 : 0.1;
      return `r${row},${truth === 0 ? 'a' : 'b'},${share},${(1 - share).toFixed(1)}\n`;
    }).join('')}`;
  world.write('a.csv', file(4));
  world.write('b.csv', file(1));
  await app.open(
    `#/files?a=${encodeURIComponent(world.at('a.csv'))}&b=${encodeURIComponent(world.at('b.csv'))}`,
  );
  await expect(page.getByRole('row', { name: /^Accuracy/ }).first()).toContainText('60.0 %');
  await expect(page.getByRole('row', { name: /^Accuracy/ }).first()).toContainText('90.0 %');
  await expect(page.getByRole('region', { name: 'No gates' })).toBeVisible();
});

test('a broken prediction is marked acceptable, with a reason that the audit keeps', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('deployed');
  const repo = await app.repository(folder, 'compare', `${REGRESSION}&section=flips`);
  const flips = page.getByRole('grid', { name: 'Changed predictions' });
  await flips.getByRole('row').nth(1).click();
  await page
    .getByRole('region', { name: /^Example/ })
    .getByRole('button', { name: 'Mark acceptable…' })
    .click();
  const accept = app.dialog().getByRole('button', { name: 'Mark acceptable' });
  await accept.click();
  await expect(app.dialog()).toContainText('Say why in a sentence.');
  await page.keyboard.type('A smudge <b>nobody</b> could read');
  await accept.click();
  await expect(app.dialog()).toBeHidden();
  await expect(flips.getByRole('row').nth(1)).toHaveAccessibleName(/^broken, accepted/);
  await expect(page.getByText(/Accepted by .*: A smudge <b>nobody<\/b> could read/)).toBeVisible();
  await page.getByRole('button', { name: /^Hide 1 accepted/ }).click();
  await expect(flips.getByRole('row').nth(1)).not.toHaveAccessibleName(/accepted/);
  await page.getByRole('button', { name: /^Mark [0-9,]+ acceptable…/ }).click();
  await page.keyboard.type('The rest as well');
  await accept.click();
  await expect(page.getByText('No flip fits the filter.')).toBeVisible();

  const answer: Compared = await app.server.call('compare', {
    repo,
    a: 'HEAD~5',
    b: 'HEAD~4',
    model: null,
  });
  expect(answer.decision, 'the gates say what they said').toBe('blocked');
  expect(answer.accepted).toHaveLength(2);
  const refs = await world.git(folder, ['for-each-ref', '--format=%(refname)', 'refs/keelmark/notes']);
  expect(refs.trim().split('\n')).toHaveLength(2);

  await app.go(`#/r/${repo}/audit`);
  const notes = page.getByRole('region', { name: 'Notes' });
  await expect(notes.getByRole('listitem')).toHaveCount(2);
  await expect(notes).toContainText('A smudge <b>nobody</b> could read');
  await notes.getByRole('link').last().click();
  await expect(page).toHaveURL(/compare/);
});
