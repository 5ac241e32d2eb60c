// The whole way from a folder to a promotion and back, by keyboard alone, with the focus always to be seen.

import type { Locator, Page } from '@playwright/test';
import { expect, test } from './support/test';

/** Presses Tab until the target has the focus; every stop on the way must be seen. */
async function tabTo(page: Page, target: Locator, most = 60): Promise<void> {
  for (let step = 0; step < most; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press('Tab');
    await seen(page);
  }
  throw new Error(`Tab does not reach ${String(target)}`);
}

/** What has the focus is in view, is marked, and is not under something else. */
async function seen(page: Page): Promise<void> {
  const wrong = await page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body || element.matches('main')) return null;
    const name = `${element.tagName.toLowerCase()} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}"`;
    const box = element.getBoundingClientRect();
    if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth)
      return `${name} is out of view`;
    // A control may show its focus on what it lies in: a label, a wrapper.
    const marks = [
      element,
      element.parentElement,
      element.parentElement?.parentElement,
      element.closest('label'),
    ].flatMap((one) => {
      if (!one) return [];
      const style = getComputedStyle(one);
      return [
        style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
        style.boxShadow !== 'none',
      ];
    });
    return marks.includes(true) ? null : `${name} does not show its focus`;
  });
  expect.soft(wrong).toBeNull();
}

test('folder, history, compare, promote, undo: no mouse', async ({ app, page, repository, world }) => {
  test.setTimeout(120_000);
  const folder = await repository('deployed');
  await app.open();
  await app.pick(folder);
  await tabTo(page, page.getByRole('button', { name: 'Choose folder…' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/history/);

  await expect(page.getByRole('row', { name: /^Train for 20/ })).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.getByRole('row', { name: /^Train for 20/ })).toBeFocused();
  await page.keyboard.press('b');
  await expect(page).toHaveURL(/\/compare/);
  await expect(page.getByRole('region', { name: 'Ready' })).toBeVisible();

  await tabTo(page, page.getByRole('tab', { name: 'Overview' }));
  for (const section of ['Metrics', 'Curves', 'Flips', 'Slices', 'Data', 'Config', 'Code', 'Model', 'Cost']) {
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('tab', { name: new RegExp(`^${section}`) })).toBeFocused();
    await expect(page.getByRole('tabpanel')).toBeVisible();
  }
  await page.keyboard.press('p');
  const sheet = app.dialog(/^Promote/);
  const promote = sheet.getByRole('button', { name: 'Promote to staging' });
  await expect(promote).toBeVisible();
  await tabTo(page, promote, 120);
  expect(
    await sheet.evaluate((element) => element.contains(document.activeElement)),
    'the focus stays inside',
  ).toBe(true);
  await page.keyboard.press('Enter');
  const undo = page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Undo' });
  await expect(undo).toBeVisible();
  await tabTo(page, undo, 150);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Messages' })).toContainText('Undone');
  expect(await world.git(folder, ['log', '-1', '--format=%s', 'keelmark/deploy'])).toMatch(/^Roll back/);
});

test('a dialog keeps the focus inside and gives it back', async ({ app, page, repository }) => {
  await app.repository(await repository('sample'), 'runs');
  const opener = page.getByRole('button', { name: 'Start training…' });
  await tabTo(page, opener);
  await page.keyboard.press('Enter');
  const dialog = app.dialog();
  await expect(dialog).toBeVisible();
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(opener).toBeFocused();
});

for (const view of ['history', 'runs', 'compare', 'environments', 'audit']) {
  test(`every stop of the keyboard is seen: ${view}`, async ({ app, page, repository }) => {
    await app.repository(await repository('deployed'), view as 'history');
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press('Tab');
      await seen(page);
      if (await page.evaluate(() => document.activeElement === document.body)) break;
    }
  });
}

test('the skip link leads to the content', async ({ app, page }) => {
  await app.open();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});
