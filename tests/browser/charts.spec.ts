// Charts over the backend's pictures: cursor, zoom, smoothing, scales, twin, files, and what survives.

import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import type { App } from './support/app';
import { expect, test } from './support/test';

const chart = (page: Page, name: string): Locator => page.getByRole('figure', { name, exact: true });
const plot = (figure: Locator): Locator => figure.getByRole('application');

async function openRun(app: App, folder: string): Promise<void> {
  const repo = await app.remember(folder);
  const runs = await app.server.call('runs', { repo, model: null });
  await app.open(`#/r/${repo}/runs/${runs[0]?.run}`);
  await expect(plot(chart(app.page, 'Loss'))).toBeVisible();
}

/** The middle of a plot's field, or a share of it. */
async function at(figure: Locator, x: number): Promise<{ x: number; y: number }> {
  const box = await figure.locator('.field').boundingBox();
  if (!box) throw new Error('the plot has no field');
  return { x: box.x + box.width * x, y: box.y + box.height / 2 };
}

test('the pointer reads values out, and charts that belong together follow it', async ({
  app,
  page,
  repository,
}) => {
  await openRun(app, await repository('sample'));
  const [loss, accuracy] = [chart(page, 'Loss'), chart(page, 'Accuracy')];
  await loss.scrollIntoViewIfNeeded();
  const point = await at(loss, 0.5);
  await page.mouse.move(point.x, point.y);
  await expect(loss.locator('.tip')).toBeVisible();
  await expect(loss.locator('.tip')).toContainText('validation/loss');
  await expect(loss.locator('.cross')).toHaveCount(1);
  await expect(accuracy.locator('.cross'), 'the same step there').toHaveCount(1);
  await expect(accuracy.locator('.tip'), 'but its values only beside its points').toHaveCount(0);
  await page.mouse.move(5, 5);
  await expect(loss.locator('.cross')).toHaveCount(0);
});

test('the keyboard moves a cursor whose values are read out', async ({ app, page, repository }) => {
  await openRun(app, await repository('sample'));
  const loss = chart(page, 'Loss');
  await plot(loss).focus();
  await page.keyboard.press('ArrowRight');
  const spoken = loss.locator('.spoken');
  await expect(spoken).toContainText('train/loss');
  const first = await spoken.textContent();
  await page.keyboard.press('End');
  await expect(spoken).not.toHaveText(first ?? '');
  await page.keyboard.press('ArrowDown');
  await expect(spoken).toContainText(/train\/loss|validation\/loss/);
  await page.keyboard.press('Escape');
  await expect(spoken).toHaveText('');
});

test('a brush zooms, buttons and keys do too, Escape shows everything again', async ({
  app,
  page,
  repository,
}) => {
  await openRun(app, await repository('sample'));
  const loss = chart(page, 'Loss');
  const reset = loss.getByRole('button', { name: 'Show everything (Esc)' });
  await expect(reset).toHaveCount(0);
  await loss.scrollIntoViewIfNeeded();
  const [from, to] = [await at(loss, 0.2), await at(loss, 0.5)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, from.y, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await expect(loss.locator('.brush')).toBeVisible();
  await page.mouse.up();
  await expect(reset).toBeVisible();
  const zoomed = app.hash();
  await app.reload();
  await expect(reset, 'a zoom survives a reload').toBeVisible();
  expect(app.hash()).toBe(zoomed);
  await plot(loss).focus();
  await page.keyboard.press('Escape');
  await expect(reset).toHaveCount(0);

  await page.keyboard.press('Home');
  for (let step = 0; step < 2; step += 1) await page.keyboard.press('Shift+PageDown');
  await page.keyboard.press('Enter');
  await expect(reset).toBeVisible();
  await loss.getByRole('button', { name: 'Move right' }).click();
  await loss.getByRole('button', { name: 'Zoom out' }).click();
  await reset.click();
  await expect(reset).toHaveCount(0);
});

test('smoothing, logarithmic axes and the axis itself can be chosen, and why not', async ({
  app,
  page,
  repository,
}) => {
  await openRun(app, await repository('sample'));
  const loss = chart(page, 'Loss');
  const picture = (): Promise<string> => loss.locator('.picture svg').evaluate((svg) => svg.outerHTML);
  const plain = await picture();
  await loss.getByRole('slider', { name: 'Smoothing' }).fill('0.9');
  await expect(loss.getByRole('status')).toHaveText('0.90');
  await expect.poll(picture, 'a smooth line over the faint one').not.toBe(plain);
  const smooth = await picture();
  await loss.getByRole('button', { name: 'log y' }).click();
  await expect(loss.getByRole('button', { name: 'log y' })).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(picture).not.toBe(smooth);
  await loss.getByRole('combobox', { name: /^Horizontal axis/ }).click();
  await page.getByRole('option', { name: /^Epoch/ }).click();
  await expect(loss.getByRole('combobox', { name: /^Horizontal axis/ })).toHaveText('Epoch');
  await expect.poll(picture).toContain('by epoch');
  const chosen = await picture();
  await app.reload();
  await expect(loss.getByRole('slider', { name: 'Smoothing' })).toHaveValue('0.9');
  await expect(loss.getByRole('button', { name: 'log y' })).toHaveAttribute('aria-pressed', 'true');
  await expect(loss.getByRole('combobox', { name: /^Horizontal axis/ })).toHaveText('Epoch');
  await expect.poll(picture, 'the same picture after a reload').toBe(chosen);
});

test('every chart is also a table with the same values', async ({ app, page, repository }) => {
  await app.repository(await repository('sample'));
  const accuracy = chart(page, 'Accuracy by version');
  await accuracy.getByRole('button', { name: 'Show as table' }).click();
  const table = accuracy.getByRole('table').or(accuracy.getByRole('grid'));
  await expect(table).toBeVisible();
  await expect(table.getByRole('row')).toHaveCount(13);
  await expect(table).toContainText('0.977');
  await accuracy.getByRole('button', { name: 'Show as chart' }).click();
  await expect(plot(accuracy)).toBeVisible();
});

test('a chart is saved as a picture and as values', async ({ app, page, repository }) => {
  await app.repository(await repository('sample'));
  const accuracy = chart(page, 'Accuracy by version');
  const save = async (item: string): Promise<Buffer> => {
    await accuracy.getByRole('button', { name: 'Save chart' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ]);
    return readFileSync(await download.path());
  };
  const svg = (await save('Picture, SVG')).toString();
  expect(svg).toContain('<svg');
  expect(svg, 'it stands alone').not.toMatch(/<script|href=|url\(http/);
  expect((await save('Picture, PNG')).subarray(1, 4).toString()).toBe('PNG');
  const csv = (await save('Values, CSV')).toString().trim().split('\n');
  expect(csv).toHaveLength(13);
  expect(csv[0]?.toLowerCase()).toContain('accuracy');
});

test('a series can be hidden, and what is in production is pinned', async ({ app, page, repository }) => {
  await app.repository(await repository('deployed'));
  const accuracy = chart(page, 'Accuracy by version');
  await expect(accuracy.getByText('in production 96.9 %')).toBeVisible();
  await app.page.getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('grid').getByRole('link').first().click();
  const loss = chart(page, 'Loss');
  const legend = loss.getByRole('button', { name: 'validation/loss' });
  await expect(legend).toHaveAttribute('aria-pressed', 'true');
  await legend.click();
  await expect(legend).toHaveAttribute('aria-pressed', 'false');
  await expect(loss.locator('g.off')).toHaveCount(1);
  await app.reload();
  await expect(loss.getByRole('button', { name: 'validation/loss' })).toHaveAttribute(
    'aria-pressed',
    'false',
  );
});

test('series differ by more than their colour', async ({ app, page, repository }) => {
  await openRun(app, await repository('sample'));
  const shapes = await chart(page, 'Loss')
    .getByRole('list')
    .getByRole('button')
    .evaluateAll((buttons) =>
      buttons.map((button) =>
        [...button.querySelectorAll('svg *')]
          .map(
            (part) => `${part.tagName} ${part.getAttribute('points') ?? ''}${part.getAttribute('d') ?? ''}`,
          )
          .join(),
      ),
    );
  expect(shapes.length).toBe(2);
  expect(new Set(shapes).size, shapes.join(' | ')).toBe(2);
});
