// Whatever a repository says is only ever text. The guard of every test fails on script, dialogs and foreign requests;
// here every screen shows the hostile repository.

import type { Page } from '@playwright/test';
import { BIDI, CONTROL, EMOJI, IMAGE, RTL, SCRIPT, TEMPLATE } from './support/hostile';
import { fits } from './support/layout';
import { picture } from './support/look';
import { expect, test } from './support/test';

/** Elements that no text may become. */
async function foreign(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [
      ...document.querySelectorAll(
        'main script, main img, main iframe, main object, main b, main [onerror], main [onload], main a[href^="javascript"]',
      ),
    ].map((element) => element.outerHTML.slice(0, 200)),
  );
}

/** Characters that turn a line round or ring a bell, unescaped. */
async function unescaped(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? '';
      if (/[\u202A-\u202E\u2066-\u2069\u0000-\u0008\u000B\u000C\u000E-\u001F]/.test(text))
        found.push(JSON.stringify(text.slice(0, 80)));
    }
    for (const element of document.querySelectorAll('[aria-label], [title]')) {
      for (const name of ['aria-label', 'title']) {
        const text = element.getAttribute(name) ?? '';
        if (/[\u202A-\u202E\u2066-\u2069\u0000-\u0008\u001B]/.test(text))
          found.push(`${name} ${JSON.stringify(text.slice(0, 80))}`);
      }
    }
    return found;
  });
}

const VIEWS = [
  'history',
  'history?q=branch%3A%3Csvg%2Fonload%3D1%3E',
  'runs',
  'compare?a=HEAD~10&b=HEAD',
  'environments',
  'environments/staging',
  'audit',
];

for (const view of VIEWS) {
  test(`hostile text is only text: ${view}`, async ({ app, page, repository }) => {
    const repo = await app.remember(await repository('hostile', '<img src=x onerror=__hostile(1)>'));
    await app.open(`#/r/${repo}/${view}`);
    const sections = view.startsWith('compare') ? await page.getByRole('tab').all() : [null];
    for (const section of sections) {
      await section?.click();
      await app.ready();
      expect(await foreign(page)).toEqual([]);
      expect(await unescaped(page)).toEqual([]);
      await fits(page, view);
    }
    await picture(app, `hostile-${view.split('?')[0]?.replace('/', '-')}`);
    await page.setViewportSize({ width: 640, height: 800 });
    await fits(page, `${view} at 640 px`);
  });
}

test('hostile subjects stand in the list as they are, escaped where they would deceive', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('hostile'));
  for (const subject of [SCRIPT, IMAGE, EMOJI, RTL, TEMPLATE]) {
    await expect(page.getByRole('grid').getByText(subject, { exact: true }).first()).toBeVisible();
  }
  for (const subject of [BIDI, CONTROL]) {
    await expect(page.getByText(subject, { exact: true })).toHaveCount(0);
  }
  await expect(page.getByText(/U\+202E|\\u\{?202[Ee]/).first()).toBeVisible();
});

test('hostile classes, ids and reasons in the sheets and details', async ({ app, page, repository }) => {
  const repo = await app.remember(await repository('hostile'));
  const runs = await app.server.call('runs', { repo, model: null });
  await app.open(`#/r/${repo}/runs/${runs[0]?.run}`);
  await expect(page.getByRole('region', { name: 'By class' })).toBeVisible();
  expect(await foreign(page)).toEqual([]);
  expect(await unescaped(page)).toEqual([]);
  await fits(page, 'a run with hostile classes');
  await app.go(`#/r/${repo}/compare?a=${runs[1]?.run}&b=${runs[0]?.run}`);
  await page.getByRole('button', { name: 'Promote B…' }).click();
  await expect(
    app
      .dialog()
      .getByText(/release\/deployment\.yaml|desires/)
      .first(),
  ).toBeVisible();
  expect(await foreign(page)).toEqual([]);
  expect(await unescaped(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await app.go(`#/r/${repo}/audit`);
  await page.getByRole('grid', { name: 'Audit' }).getByRole('row').nth(1).click();
  await expect(page.getByRole('region', { name: 'Entry' })).toContainText(IMAGE);
  expect(await unescaped(page)).toEqual([]);
});

test('hostile addresses and filters are told, not followed', async ({ app, page, repository }) => {
  await app.open('#/?clone=javascript%3A__hostile(1)');
  await page.getByRole('button', { name: 'Clone', exact: true }).click();
  await expect(
    page
      .getByRole('region', { name: 'Clone', exact: true })
      .getByText(/address|URL|scheme/i)
      .last(),
  ).toBeVisible();
  await app.repository(
    await repository('hostile'),
    'history',
    `?q=${encodeURIComponent(IMAGE)}&version=${encodeURIComponent(SCRIPT)}&metric=__proto__&chart=x1,1~ly~hconstructor&sort=__proto__`,
  );
  await expect(page.getByRole('textbox', { name: 'Filter versions' })).toHaveValue(IMAGE);
  expect(await foreign(page)).toEqual([]);
  await app.go('#/r/%3Cscript%3E/history');
  await expect(page.getByRole('main')).toContainText(/not in the list|not where it was/);
  await app.go('#/r/../../%00/compare?a=%00&b=%ff');
  await expect(page.getByRole('main')).toBeVisible();
});
