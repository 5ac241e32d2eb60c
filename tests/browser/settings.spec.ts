// Settings take effect at once and are kept; keys lead everywhere.

import { Server } from './support/server';
import { expect, test } from './support/test';

test('theme, density and motion take effect at once and outlive the app', async ({
  app,
  guard,
  page,
  world,
}) => {
  guard.allowLostLine = true;
  await app.open('#/settings');
  const root = page.locator('html');
  await page.getByRole('radio', { name: /^Dark/ }).check({ force: true });
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('radio', { name: 'Compact' }).check({ force: true });
  await expect(root).toHaveAttribute('data-density', 'compact');
  await page.getByRole('switch', { name: /^Reduce motion/ }).click();
  await expect(root).toHaveAttribute('data-motion', 'reduce');
  await page.getByRole('spinbutton', { name: 'Threads of a training' }).fill('2');
  await page.keyboard.press('Tab');
  await app.reload();
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('radio', { name: 'Compact' })).toBeChecked();
  await expect.poll(() => world.read('keelmark/config/config.toml')).toMatch(/threads = 2/);
  await app.server.stop();
  const again = await Server.start(world);
  expect(await again.call('settings', {})).toMatchObject({
    theme: 'dark',
    density: 'compact',
    reduce_motion: true,
    threads: 2,
  });
  await again.stop();
});

test('the system’s own choices hold where nobody chose', async ({ app, page }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await app.open();
  const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect
    .poll(() => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor))
    .not.toBe(ground);
});

test('where the system forces its colours, charts go with its ground and the row in hand is seen', async ({
  app,
  page,
  repository,
}) => {
  const settings = await app.server.call('settings', {});
  await app.server.call('save_settings', { settings: { ...settings, theme: 'light' } });
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
  await app.repository(await repository('sample'));
  const ink = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--ink'));
  const forced = await ink();
  await page.getByRole('row', { name: /^Take back/ }).click();
  await page.getByRole('textbox', { name: 'Filter versions' }).focus();
  await expect(page.locator('.line.active')).toHaveCSS('outline-style', 'solid');
  await page.emulateMedia({ forcedColors: 'none', colorScheme: 'dark' });
  await expect.poll(ink, 'the light theme’s ink on a dark ground').not.toBe(forced);
});

test('with reduced motion nothing moves for longer than a blink', async ({ app, page, repository }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await app.repository(await repository('deployed'), 'environments');
  await page.getByRole('button', { name: /^Roll back staging/ }).click();
  await expect(app.dialog()).toBeVisible();
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .filter((animation) => {
        const { duration, iterations } = animation.effect?.getComputedTiming() ?? {};
        return Number(duration) > 20 || (iterations ?? 1) > 1;
      })
      .map((animation) => (animation.effect as KeyframeEffect | null)?.target?.className ?? ''),
  );
  expect(moving).toEqual([]);
  const slow = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((element) => {
        const { transitionDuration, animationDuration, animationName } = getComputedStyle(element);
        const longest = (text: string): number =>
          Math.max(...text.split(',').map((part) => parseFloat(part)));
        return (
          longest(transitionDuration) > 0.02 ||
          (animationName !== 'none' && longest(animationDuration) > 0.02)
        );
      }).length,
  );
  expect(slow, 'elements that would move').toBe(0);
});

test('a settings file that cannot be read is told, and is kept beside the new one', async ({
  app,
  guard,
  page,
  world,
}) => {
  guard.allowLostLine = true;
  const file = 'keelmark/config/config.toml';
  world.write(file, 'theme = [broken\n');
  await app.server.stop();
  const again = await Server.start(world);
  guard.origin = again.origin;
  await page.goto(again.url('#/settings'));
  await expect(page.getByText(/config\.toml/).first()).toBeVisible();
  await page.getByRole('radio', { name: /^Light/ }).check({ force: true });
  await expect.poll(() => world.read(file)).toContain('light');
  expect(world.read(`${file}.unreadable`)).toContain('[broken');
  await again.stop();
});

test('the identity of a repository and its data files are looked after', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('sample');
  const repo = await app.repository(folder);
  await app.go('#/settings');
  const place = page.getByRole('region', { name: 'Identity in this repository' });
  await place.getByRole('textbox', { name: 'Name' }).fill('Grace Hopper');
  await place.getByRole('textbox', { name: 'E-mail' }).fill('grace@example.org');
  await place.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => world.git(folder, ['config', 'user.name'])).toBe('Grace Hopper');
  world.write('sample/data/test.csv', world.read('sample/data/test.csv').replace(/\n$/, '\n\n'));
  await app.reload();
  await expect(page.getByRole('row', { name: /data\/test\.csv/ })).not.toContainText('Pinned');
  await page.getByRole('button', { name: 'Rebuild the index' }).click();
  await expect(page.getByText('Built again from 12 runs')).toBeVisible();
  expect((await app.server.call('runs', { repo, model: null })).length).toBe(12);
});

test('the palette finds screens, commands, repositories and branches', async ({ app, page, repository }) => {
  const repo = await app.repository(await repository('deployed'));
  await app.remember(await repository('bare-of-models', 'notes'));
  await page.keyboard.press('Control+k');
  const palette = app.dialog();
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('audit');
  await expect(palette.getByRole('option').first()).toContainText('Audit');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`${repo}/audit`));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('notes');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No model is declared here')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('zzzz nothing');
  await expect(palette.getByRole('option')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(palette).toHaveCount(0);
});

test('g and a letter lead to each screen, ? shows the keys that hold there', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('deployed'));
  for (const [letter, place] of [
    ['r', /\/runs/],
    ['c', /\/compare/],
    ['e', /\/environments/],
    ['a', /\/audit/],
    ['h', /\/history/],
    ['s', /#\/settings/],
    ['o', /#\/$/],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await expect(page).toHaveURL(place);
  }
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL(/\/history/);
  await page.keyboard.press('?');
  const keys = app.dialog('Keys').or(app.dialog(/keyboard|keys/i));
  await expect(keys).toContainText('Filter versions');
  await page.keyboard.press('Escape');
  await expect(keys).toHaveCount(0);
});

test('keys do nothing while somebody types', async ({ app, page, repository }) => {
  await app.repository(await repository('sample'));
  const filter = page.getByRole('textbox', { name: 'Filter versions' });
  await filter.focus();
  await page.keyboard.type('gr?jc');
  await expect(filter).toHaveValue('gr?jc');
  await expect(page).toHaveURL(/\/history/);
  await expect(app.dialog()).toHaveCount(0);
});
