// The Debian package: what is in it, and that it starts where it is put.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { target, World } from './support/world.mjs';

const call = promisify(execFile);
let world;
let packed;

before(async () => {
  world = new World();
  const folder = join(target, 'debug/bundle/deb');
  const packages = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.deb')) : [];
  assert.equal(packages.length, 1, `one package in ${folder}: cargo xtask bundle --debug makes it`);
  packed = join(folder, packages[0]);
  await call('dpkg-deb', ['--extract', packed, world.path('root')]);
  world.programs = world.path('root/usr/bin');
});
after(() => world?.end());

test('the package says what it needs', async () => {
  const { stdout } = await call('dpkg-deb', ['--field', packed]);
  assert.match(stdout, /^Package: keelmark$/m);
  const needed = /^Depends: (.*)$/m.exec(stdout)?.[1] ?? '';
  for (const name of ['libwebkit2gtk-4.1-0', 'libgtk-3-0', 'libcurl4', 'libdbus-1-3', 'git'])
    assert.ok(needed.includes(name), `${name} in ${needed}`);
});

test('its programs find all their libraries', async () => {
  for (const name of ['keelmark', 'keelmark-desktop']) {
    const { stdout } = await call('ldd', [world.program(name)]);
    assert.ok(!stdout.includes('not found'), stdout);
  }
});

test('the desktop shows it, with its icon', () => {
  const folder = world.path('root/usr/share');
  const entry = readFileSync(join(folder, 'applications/Keelmark.desktop'), 'utf8');
  assert.match(entry, /^Exec=keelmark-desktop %F$/m);
  assert.match(entry, /^Icon=keelmark-desktop$/m);
  assert.match(entry, /^Exec=keelmark-desktop --new-window$/m);
  for (const size of ['32x32', '128x128', '256x256@2']) {
    assert.ok(statSync(join(folder, `icons/hicolor/${size}/apps/keelmark-desktop.png`)).size > 0, size);
  }
});

test('the command line in it answers', async () => {
  assert.match(await world.keelmark('--version'), /^keelmark \d+\.\d+\.\d+/);
});

test('the window in it opens, and knows the program that works', async () => {
  const app = await world.open();
  await app.sees('Keelmark');
  const info = await app.run(() => window.__TAURI_INTERNALS__.invoke('call', { name: 'app', args: {} }));
  assert.equal(info.worker, world.program('keelmark'));
});
