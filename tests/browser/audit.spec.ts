// The audit: every entry held against its own words, and what was changed by hand found.

import { readFileSync } from 'node:fs';
import { expect, test } from './support/test';
import { commit } from './support/templates';

test('every entry holds, can be verified again and exported', async ({ app, page, repository }) => {
  await app.repository(await repository('deployed'), 'audit');
  await expect(page.getByText('All 6 entries hold against their own words')).toBeVisible();
  const table = page.getByRole('grid', { name: 'Audit' });
  await expect(table.getByRole('row')).toHaveCount(7);
  await page.getByRole('button', { name: 'Verify again' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Verified again.' })).toHaveCount(1);
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem').first().click(),
  ]);
  const text = readFileSync(await download.path(), 'utf8');
  expect(text).toContain('Promote digits v1.2.0 to staging');
});

test('entries are filtered, and one says what it claims', async ({ app, page, repository }) => {
  await app.repository(await repository('deployed'), 'audit');
  const table = page.getByRole('grid', { name: 'Audit' });
  await page.getByRole('searchbox', { name: 'Filter entries' }).fill('roll back');
  await expect(table.getByRole('row')).toHaveCount(2);
  await page.getByRole('searchbox', { name: 'Filter entries' }).fill('');
  await page.getByRole('combobox', { name: /^Environment/ }).click();
  await page.getByRole('option', { name: 'production' }).click();
  await expect(table.getByRole('row')).toHaveCount(3);
  await table.getByRole('row').nth(1).click();
  const entry = page.getByRole('region', { name: 'Entry' });
  await expect(entry.getByText('What the commit claims')).toBeVisible();
  await expect(entry).toContainText('production');
  await app.reload();
  await expect(table.getByRole('row')).toHaveCount(3);
});

test('a change by hand is found and said to be one', async ({ app, page, repository, world }) => {
  const folder = await repository('deployed');
  await world.git(folder, ['worktree', 'add', '--quiet', world.at('hand'), 'keelmark/deploy']);
  const file = 'environments/production/digits/release/deployment.yaml';
  world.write(`hand/${file}`, readFileSync(world.at('hand', file), 'utf8').replace('v1.1.0', 'v9.9.9'));
  await commit(world, world.at('hand'), 'Promote digits v9.9.9 to production');
  await world.git(folder, ['worktree', 'remove', '--force', world.at('hand')]);
  await app.repository(folder, 'audit');
  await expect(page.getByText(/1 of 7 entries does not hold/)).toBeVisible();
  const table = page.getByRole('grid', { name: 'Audit' });
  await expect(table.getByRole('row').nth(1)).toContainText('Does not hold');
  await expect(table.getByRole('row').nth(1)).toContainText('By hand');
  await table.getByRole('row').nth(1).click();
  await expect(page.getByRole('region', { name: 'Entry' }).getByText('What does not hold')).toBeVisible();
});
