// A screen in all its faces: each theme, a narrow window, a zoomed one. Looked at by rules and, in pictures, by people.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from './app';
import { accessible } from './axe';
import { fits } from './layout';
import { pictures } from './places';

export const THEMES = ['light', 'dark', 'contrast'] as const;

const WIDE = { width: 1280, height: 800 };
/** The narrowest window that must work, and what 200 % zoom leaves of 1280 by 800. */
const NARROW = { width: 640, height: 800 };
const ZOOMED = { width: 640, height: 400 };

export async function picture(app: App, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await app.page.evaluate(() => document.querySelector('main')?.scrollTo(0, 0));
  await app.page.screenshot({
    path: join(pictures, `${name}.png`),
    animations: 'disabled',
  });
}

export async function theme(app: App, name: (typeof THEMES)[number] | 'system'): Promise<void> {
  const settings = await app.server.call('settings', {});
  await app.server.call('save_settings', {
    settings: { ...settings, theme: name },
  });
  await app.page.locator(`html[data-theme="${name}"]`).waitFor({ state: 'attached' });
}

/** Every face of every screen takes ten minutes: an ordinary run looks at the light and the narrow one. */
const isDeep = process.env.KEELMARK_DEEP === '1';

/** Looks at the screen as it stands. Leaves it wide and light. */
export async function look(app: App, name: string): Promise<void> {
  // Nothing is hovered, so that no tooltip is in the way.
  await app.page.mouse.move(0, 0);
  for (const kind of isDeep ? THEMES : (['light'] as const)) {
    await theme(app, kind);
    await app.ready();
    await picture(app, `${name}-${kind}`);
    await accessible(app.page, `${name}, ${kind}`, kind === 'light' ? 'all' : 'contrast');
  }
  if (isDeep) {
    await app.page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
    await app.ready();
    await picture(app, `${name}-forced`);
    await app.page.emulateMedia({ forcedColors: null, colorScheme: null });
    await theme(app, 'light');
  }
  await app.page.setViewportSize(NARROW);
  await app.ready();
  await picture(app, `${name}-narrow`);
  await fits(app.page, `${name} at ${NARROW.width} px`);
  await accessible(app.page, `${name} at ${NARROW.width} px`, 'structure');
  if (isDeep) {
    await app.page.setViewportSize(ZOOMED);
    await app.ready();
    await picture(app, `${name}-zoomed`);
    await fits(app.page, `${name} at 200 %`);
  }
  await app.page.setViewportSize(WIDE);
}
