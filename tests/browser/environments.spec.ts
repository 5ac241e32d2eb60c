// Environments and their timelines: what is desired, what was, and the way back.

import type { Page } from '@playwright/test';
import { expect, test } from './support/test';

const toast = (page: Page) => page.getByRole('region', { name: 'Messages' });
const card = (page: Page, name: string) => page.getByRole('article', { name: new RegExp(name) });

test('each environment says what it desires, and never what it cannot know', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('deployed'), 'environments');
  for (const name of ['staging', 'production']) {
    await expect(card(page, name)).toContainText('v1.1.0');
    await expect(card(page, name)).toContainText('Unknown: no agent has reported');
    await expect(card(page, name).getByText('Sync unknown')).toBeVisible();
    await expect(card(page, name).getByText('Health unknown')).toBeVisible();
  }
  await expect(card(page, 'production')).toContainText('Only what staging desires may follow.');
});

test('a rollback takes two actions, and is a new commit', async ({ app, page, repository, world }) => {
  const folder = await repository('deployed');
  const repo = await app.repository(folder, 'environments');
  const before = await world.git(folder, ['rev-parse', 'keelmark/deploy']);
  app.actions = 0;
  await app.click(page.getByRole('button', { name: 'Roll back production…' }));
  const sheet = app.dialog('Roll back production');
  await expect(sheet).toContainText('v1.0.0');
  await app.click(sheet.getByRole('button', { name: 'Roll back production to v1.0.0' }));
  await expect(toast(page)).toContainText('production desires digits v1.0.0 again');
  expect(app.actions).toBe(2);
  expect(await world.git(folder, ['rev-parse', 'keelmark/deploy^'])).toBe(before);
  await expect(card(page, 'production')).toContainText('v1.0.0');
  const { environments } = await app.server.call('environments', { repo, model: null });
  const trees = environments
    .find((one) => one.environment === 'production')
    ?.history.map((entry) => entry.subject);
  expect(trees?.[0]).toMatch(/Roll back/);
});

test('the timeline tells who, why and how long, and any entry can be gone back to', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('deployed'), 'environments');
  await card(page, 'staging').getByRole('link', { name: 'Timeline, 4 entries' }).click();
  const timeline = page.getByRole('grid', { name: /^Timeline/ });
  await expect(timeline.getByRole('row')).toHaveCount(5);
  await expect(timeline.getByRole('row').nth(1)).toHaveAccessibleName(/^Rollback v1\.1\.0/);
  await expect(timeline.getByRole('row').nth(1)).toContainText('Desired now');
  await page.keyboard.press('j');
  await page.keyboard.press('End');
  const entry = page.getByRole('region', { name: 'Entry' });
  await expect(entry).toContainText('v1.0.0');
  await expect(entry).toContainText('Warned');
  await entry.getByRole('button', { name: 'Roll back to v1.0.0…' }).click();
  const sheet = app.dialog('Roll back staging');
  await sheet.getByRole('button', { name: 'Roll back staging to v1.0.0' }).click();
  await expect(timeline.getByRole('row')).toHaveCount(6);
  await expect(timeline.getByRole('row').nth(1)).toHaveAccessibleName(/^Rollback v1\.0\.0/);
});

test('an entry is compared with what is desired, and leads to the audit', async ({
  app,
  page,
  repository,
}) => {
  const repo = await app.remember(await repository('deployed'));
  await app.open(`#/r/${repo}/environments/staging`);
  const timeline = page.getByRole('grid', { name: /^Timeline/ });
  await timeline.getByRole('row', { name: /v1\.2\.0/ }).click();
  const entry = page.getByRole('region', { name: 'Entry' });
  await entry.getByRole('link', { name: 'See it in Audit' }).click();
  await expect(page.getByRole('region', { name: 'Entry' })).toContainText('v1.2.0');
  await page.goBack();
  await timeline.getByRole('row', { name: /v1\.2\.0/ }).click();
  await entry.getByRole('button', { name: 'Compare with desired' }).click();
  await expect(page).toHaveURL(/\/compare\?/);
  await expect(page.getByText('Give the convolution 32 channels')).toBeVisible();
});

test('a promotion made elsewhere appears by itself', async ({ app, page, repository, world }) => {
  const folder = await repository('deployed');
  await app.repository(folder, 'environments');
  await expect(card(page, 'staging')).toContainText('v1.1.0');
  await world.keelmark(folder, ['promote', 'HEAD', '--to', 'staging']);
  await expect(card(page, 'staging')).toContainText('v1.3.0');
});

test('an environment nobody knows is told', async ({ app, page, repository }) => {
  const repo = await app.remember(await repository('deployed'));
  await app.open(`#/r/${repo}/environments/moon`);
  await expect(page.getByText('No environment moon')).toBeVisible();
});
