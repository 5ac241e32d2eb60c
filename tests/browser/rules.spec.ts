// The rules the other tests lean on are seen to complain, on pages made to break them.

import { randomBytes } from 'node:crypto';
import { expect, type Page, test } from '@playwright/test';
import { violations } from './support/axe';
import { type Measured, measuredContrasts } from './support/contrast';
import { Guard } from './support/guard';
import { coveredIn, cutOffIn } from './support/layout';
import { Remote } from './support/remote';
import { commit, start } from './support/templates';
import { World } from './support/world';

const page = (body: string, style = ''): string =>
  `<!doctype html><html lang="en"><title>t</title><style>${style}</style><body style="margin:0"><main><h1>h</h1>${body}</main></body></html>`;

test('the guard tells of every forbidden thing', async ({ context, page: tab }) => {
  const guard = new Guard('http://127.0.0.1:9');
  await guard.watch(context);
  const watched = await context.newPage();
  await watched.setContent('<p>text</p>');
  expect(guard.complaints()).toEqual([]);
  await watched.evaluate(() => {
    (window as unknown as { __hostile: (what: string) => void }).__hostile('here');
    alert('asked');
    console.error('complained');
    setTimeout(() => {
      throw new Error('thrown');
    });
    const picture = document.createElement('img');
    picture.src = 'http://elsewhere.invalid/picture.png';
    document.body.append(picture);
  });
  const all = (): string => guard.complaints().join('\n');
  for (const word of [
    'foreign script ran: here',
    'alert dialog: asked',
    'complained',
    'thrown',
    'elsewhere.invalid',
  ]) {
    await expect.poll(all).toContain(word);
  }
  await tab.close();
});

const measured = async (tab: Page, selector: string): Promise<Measured | undefined> =>
  (await measuredContrasts(tab, [selector]))[0];

test('contrast that axe cannot decide is measured', async ({ page: tab }) => {
  const ground = 'background-image:linear-gradient(#ffffff,#ffffff)';
  await tab.setContent(
    page(
      `<p id="pale" style="${ground};color:#999999">pale</p><p id="dark" style="${ground};color:#333333">dark</p>`,
    ),
  );
  const pale = await measured(tab, '#pale');
  expect(pale?.ratio).toBeCloseTo(2.85, 1);
  expect(pale?.needed).toBe(4.5);
  expect((await measured(tab, '#dark'))?.ratio).toBeCloseTo(12.6, 1);
  const found = await violations(tab);
  expect(found.map(({ where }) => where)).toEqual(['#pale']);
});

test('text seen through is measured as it is seen', async ({ page: tab }) => {
  await tab.setContent(
    page('<div style="opacity:0.5;background:#fff"><p id="through" style="color:#000">half</p></div>'),
  );
  expect((await measured(tab, '#through'))?.ratio).toBeCloseTo(3.95, 1);
});

test('what sticks out or is cut off is told', async ({ page: tab }) => {
  await tab.setViewportSize({ width: 640, height: 400 });
  await tab.setContent(page('<p>fits</p>'));
  expect(await tab.evaluate(cutOffIn)).toEqual([]);
  await tab.setContent(page('<div style="width:900px">wide</div>'));
  expect((await tab.evaluate(cutOffIn)).join()).toContain('900 px wide in 640');
  await tab.setContent(
    page('<div style="overflow:auto;width:300px"><p style="width:900px">may be scrolled to</p></div>'),
  );
  expect(await tab.evaluate(cutOffIn)).toEqual([]);
  await tab.setContent(
    page(
      '<div style="overflow:hidden;width:640px"><button style="margin-left:620px;width:80px">out</button></div>',
    ),
  );
  expect((await tab.evaluate(cutOffIn)).join()).toContain('button "out"');
  await tab.setContent(
    page('<p style="overflow:hidden;white-space:nowrap;width:40px">cut off without a sign</p>'),
  );
  expect((await tab.evaluate(cutOffIn)).join()).toContain('is cut off');
});

test('a control under something else is told', async ({ page: tab }) => {
  const over = '<div style="position:fixed;inset:0 0 auto 0;height:60px;background:#fff">over</div>';
  await tab.setContent(page(`<button>free</button>`));
  expect(await tab.evaluate(coveredIn)).toEqual([]);
  await tab.setContent(page(`<button style="position:absolute;top:10px">hidden</button>${over}`));
  expect((await tab.evaluate(coveredIn)).join()).toContain('button "hidden"');
});

test('a transfer can be held in its middle and goes on when it is let', async () => {
  const world = new World();
  const remote = await Remote.start(world);
  try {
    const folder = world.at('work');
    await start(world, folder);
    world.write('work/noise', randomBytes(600_000));
    const head = await commit(world, folder, 'Make some noise');
    const url = await remote.publish(folder, 'noise.git');
    remote.hold();
    let ended = false;
    const cloning = world.git(world.path, ['clone', '--quiet', url, 'copy']).finally(() => (ended = true));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(ended, 'a held transfer does not end').toBe(false);
    remote.release();
    await cloning;
    expect(await world.git(world.at('copy'), ['rev-parse', 'HEAD'])).toBe(head);
    remote.denies = true;
    expect((await world.answer('git', ['ls-remote', url])).code, 'nobody has the password').toBe(128);
  } finally {
    await remote.stop();
    world.end();
  }
});
