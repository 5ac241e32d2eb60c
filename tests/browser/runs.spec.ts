// Runs: started with settings of one's own, followed while they go on, stopped, resumed, read.

import type { Page } from '@playwright/test';
import type { App } from './support/app';
import { Server } from './support/server';
import { expect, test } from './support/test';

const table = (page: Page) => page.getByRole('grid', { name: 'Runs' });
const running = (page: Page) => page.getByRole('region', { name: 'Running' }).getByRole('listitem');

/** Starts a long training by the dialog; ends on the page of the run. */
async function startLong(app: App, epochs: string): Promise<void> {
  const { page } = app;
  await page.getByRole('button', { name: 'Start training…' }).click();
  const dialog = app.dialog('Start a training');
  const setting = dialog.getByRole('textbox', { name: 'epochs' });
  await setting.fill(epochs);
  await expect(dialog.getByText(/changed: train\.epochs = /)).toBeVisible();
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(dialog).toHaveCount(0);
}

async function steps(app: App, repo: string, run: string): Promise<number> {
  const live = await app.server.call('live_run', { repo, run });
  return live.points.at(-1)?.step ?? 0;
}

async function newestRun(app: App, repo: string): Promise<string> {
  const runs = await app.server.call('runs', { repo, model: null });
  return runs[0]?.run ?? '';
}

test('a training with a changed setting is started, runs live, and is recorded', async ({
  app,
  page,
  repository,
}) => {
  const repo = await app.repository(await repository('sample'), 'runs');
  await expect(table(page)).toHaveAttribute('aria-rowcount', '13');
  const before = (await app.server.call('runs', { repo, model: null })).map((one) => one.run);
  await page.getByRole('button', { name: 'Start training…' }).click();
  const dialog = app.dialog('Start a training');
  await dialog.getByRole('combobox', { name: 'Version' }).fill('main');
  await page.getByRole('option', { name: /^main/ }).click();
  await dialog.getByRole('textbox', { name: 'epochs' }).fill('3');
  await expect(dialog.getByText('was 20')).toBeVisible();
  await dialog.getByRole('spinbutton', { name: 'Seed' }).fill('11');
  await expect(dialog.getByText(/one run with seed 11; changed: train\.epochs = 3/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByRole('heading', { name: /^Run/ }).or(running(page).first()).first()).toBeVisible();
  // Those before it have succeeded too, and for a moment between work and record it is in no list.
  const added = async () =>
    (await app.server.call('runs', { repo, model: null })).find((one) => !before.includes(one.run));
  await expect.poll(async () => (await added())?.status, { timeout: 60_000 }).toBe('succeeded');
  const run = (await added())?.run ?? '';
  const record = await app.server.call('run', { repo, run });
  expect(record).toMatchObject({
    seed: 11,
    overrides: { 'train.epochs': '3' },
    status: 'succeeded',
    dirty: false,
  });
  await app.go(`#/r/${repo}/runs/${run}`);
  await expect(page.getByText('Succeeded').first()).toBeVisible();
  await expect(page.getByRole('application', { name: 'Loss' })).toBeVisible();
});

test('a wrong setting is told before anything starts', async ({ app, page, repository }) => {
  const repo = await app.repository(await repository('sample'), 'runs');
  await page.getByRole('button', { name: 'Start training…' }).click();
  const dialog = app.dialog('Start a training');
  const start = dialog.getByRole('button', { name: 'Start', exact: true });
  await dialog.getByRole('textbox', { name: 'epochs' }).fill('many');
  await expect(dialog.getByText('A whole number.')).toBeVisible();
  await expect(start).toBeDisabled();
  await dialog.getByRole('button', { name: /^Reset epochs/ }).click();
  await expect(start).toBeEnabled();
  await dialog.getByRole('textbox', { name: 'epochs' }).fill('0');
  await start.click();
  await expect(dialog.getByText(/epochs/).last()).toBeVisible();
  await expect(dialog).toBeVisible();
  expect((await app.server.call('runs', { repo, model: null })).length, 'nothing began').toBe(12);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Start training…' })).toBeFocused();
});

test('a live run grows, is found again after a reload, and stops with a checkpoint to go on from', async ({
  app,
  page,
  repository,
}) => {
  const repo = await app.repository(await repository('sample'), 'runs');
  await startLong(app, '400');
  const run = await newestRun(app, repo);
  await app.go(`#/r/${repo}/runs/${run}`);
  await expect(page.getByRole('progressbar').first()).toBeVisible();
  await expect(page.getByText(/Epoch \d+ of 400/)).toBeVisible();
  const before = await steps(app, repo, run);
  await expect.poll(() => steps(app, repo, run)).toBeGreaterThan(before);
  const drawn = page.getByText(/^[\d,]+ points$/).first();
  await expect(drawn).toBeVisible();
  const first = await drawn.textContent();
  await expect(drawn, 'the curve grows').not.toHaveText(first ?? '');
  await expect(page.getByRole('log')).toContainText(/\S/);

  await app.reload();
  await expect(page.getByText(/Epoch \d+ of 400/), 'attached again').toBeVisible();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByText('This run was stopped')).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).first().click();
  await expect(page).not.toHaveURL(new RegExp(run));
  const next = await newestRun(app, repo);
  await expect(page.getByText(/Epoch \d+ of 400/)).toBeVisible();
  expect(await steps(app, repo, next), 'it goes on where it stopped').toBeGreaterThan(before);
  await page.getByRole('button', { name: 'Stop now' }).click();
  const sure = page.getByRole('alertdialog');
  await expect(sure.getByRole('button', { name: 'Keep running' })).toBeFocused();
  await sure.getByRole('button', { name: 'Stop now' }).click();
  await expect(page.getByText('This run was stopped')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Resume' })).toHaveCount(0);
});

test('a run goes on when the window is closed, and the next window shows it', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('sample');
  const repo = await app.repository(folder, 'runs');
  await startLong(app, '600');
  await expect(page.getByText(/Epoch \d+ of 600/).first()).toBeVisible();
  const run = await newestRun(app, repo);
  await page.goto('about:blank');
  await app.server.stop();
  expect(world.workers().length, 'the worker needs no window').toBeGreaterThan(0);
  const again = await Server.start(world);
  try {
    expect((await again.call('live_run', { repo, run })).state).toBe('running');
    await again.call('stop_run', { repo, run, now: true });
    await expect.poll(async () => (await again.call('live_run', { repo, run })).state).toBe('cancelled');
  } finally {
    await again.stop();
  }
});

test('a run that dies is told as what it is', async ({ app, page, repository, world }) => {
  const repo = await app.repository(await repository('sample'), 'runs');
  await startLong(app, '600');
  await expect(page.getByText(/Epoch \d+ of 600/).first()).toBeVisible();
  const run = await newestRun(app, repo);
  await app.go(`#/r/${repo}/runs/${run}`);
  for (const pid of world.workers()) process.kill(pid, 'SIGKILL');
  await expect(page.getByText('This run failed')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/worker/i).first()).toBeVisible();
});

test('runs are filtered, sorted, marked and compared', async ({ app, page, repository }) => {
  await app.repository(await repository('sample'), 'runs');
  await page.getByRole('searchbox', { name: 'Filter runs' }).fill('convolution');
  await expect(table(page)).toHaveAttribute('aria-rowcount', '3');
  await page.getByRole('searchbox', { name: 'Filter runs' }).fill('');
  await page.getByRole('columnheader', { name: 'Accuracy' }).getByRole('button').click();
  const rows = table(page).locator('[role="rowgroup"] [role="row"]');
  await expect(rows.first()).toContainText('97.8 %');
  await page.keyboard.press('j');
  await rows.first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('End');
  await page.keyboard.press('Space');
  await page.keyboard.press('c');
  await expect(page).toHaveURL(/\/compare\?/);
  await expect(page.getByRole('tab', { name: 'Overview' })).toBeVisible();
});

test('a run says everything of its record, and is evaluated again', async ({ app, page, repository }) => {
  await app.repository(await repository('deployed'), 'runs');
  await table(page).getByRole('link').first().click();
  for (const part of ['Curves', 'Metrics', 'By class', 'Confusion', 'Record', 'Log']) {
    await expect(page.getByRole('region', { name: part, exact: true })).toBeVisible();
  }
  await expect(page.getByText('Kernel set')).toBeVisible();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: /^Evaluate again/ }).click();
  await expect(page.getByText('Evaluation started.')).toBeVisible();
  await expect(page.getByText('Evaluate digits')).toBeVisible();
  await expect(page.getByText('Succeeded').first()).toBeVisible({ timeout: 30_000 });
  await page.goBack();
  await page.getByRole('button', { name: 'Compare with production' }).click();
  await expect(page).toHaveURL(/a=production/);
});

test('the top bar shows the work under way from every screen', async ({ app, page, repository }) => {
  const repo = await app.repository(await repository('sample'), 'runs');
  await startLong(app, '600');
  await app.go(`#/r/${repo}/audit`);
  await page.getByRole('button', { name: /^Work under way: 1/ }).click();
  await expect(page.getByText(/digits/).last()).toBeVisible();
  await page.keyboard.press('Escape');
  const run = await newestRun(app, repo);
  await app.server.call('stop_run', { repo, run, now: true });
  await expect(page.getByRole('button', { name: /Nothing is running/ })).toBeVisible();
});
