// Where the built programs, the built UI and the folders of these tests are.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(__dirname, '../../..');
export const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
export const ui = join(root, 'ui');
export const dist = resolve(root, process.env.KEELMARK_UI ?? 'ui/dist');
/** Pictures of every screen, for people to look at. */
export const pictures = join(root, 'target/screenshots/browser');

const programs = join(target, 'debug');
export const keelmark = join(programs, 'keelmark');
export const loopback = join(programs, 'keelmark-loopback');

function newest(folder: string): number {
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
  });
  return Math.max(0, ...times);
}

/** Says what is missing or out of date before anything is tried. */
export function check(): void {
  for (const program of [keelmark, loopback]) {
    if (!existsSync(program)) {
      throw new Error(`${program} is missing: cargo build --package keelmark --package keelmark-journeys`);
    }
  }
  const page = join(dist, 'index.html');
  if (!existsSync(page)) throw new Error(`${page} is missing: npm --prefix ui run build`);
  if (!process.env.KEELMARK_UI && statSync(page).mtimeMs < newest(join(ui, 'src'))) {
    throw new Error(`${dist} is older than ui/src: npm --prefix ui run build`);
  }
}
