// How a long history scrolls: what is made anew, and how long a frame takes. The times are printed, not judged.

import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Long from './Long.svelte';

const SIZE = 50_000;
const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));

interface Seen {
  /** Elements that came in, those in them included. */
  made: number;
  /** From one frame to the next, in milliseconds, shortest first. */
  frames: number[];
  /** What the table takes of each, layout included. */
  work: number[];
}

/** Scrolls by steps, one a frame. */
async function scroll(grid: HTMLElement, steps: number, by: (step: number) => number): Promise<Seen> {
  const known = new WeakSet<Node>(grid.querySelectorAll('*'));
  let made = 0;
  const observer = new MutationObserver((records) => {
    for (const added of records.flatMap((record) => [...record.addedNodes])) {
      if (!(added instanceof Element)) continue;
      for (const element of [added, ...added.querySelectorAll('*')]) {
        if (!known.has(element)) made += 1;
        known.add(element);
      }
    }
  });
  observer.observe(grid, { childList: true, subtree: true });
  const frames: number[] = [];
  const work: number[] = [];
  let last = await frame();
  for (let step = 0; step < steps; step += 1) {
    const began = performance.now();
    grid.scrollTop = by(step);
    grid.dispatchEvent(new Event('scroll'));
    flushSync();
    grid.getBoundingClientRect();
    work.push(performance.now() - began);
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  await frame();
  observer.disconnect();
  const sorted = (list: number[]): number[] => list.toSorted((one, other) => one - other);
  return { made, frames: sorted(frames), work: sorted(work) };
}

function told(what: string, { made, frames, work }: Seen): void {
  const at = (list: number[], share: number): string =>
    (list[Math.floor((list.length - 1) * share)] ?? 0).toFixed(1);
  const spread = (list: number[]): string =>
    `half within ${at(list, 0.5)} ms, 95 % within ${at(list, 0.95)} ms, longest ${at(list, 1)} ms`;
  console.info(
    `${what}, ${frames.length} frames: ${spread(frames)}; of the table: ${spread(work)}; ${made} elements made`,
  );
}

test('fifty thousand versions scroll without rows being made anew', async () => {
  const began = performance.now();
  const page = await render(Long, { size: SIZE });
  const grid = page.getByRole('grid').element() as HTMLElement;
  await expect.poll(() => grid.querySelectorAll('[data-index]').length).toBeGreaterThan(10);
  console.info(`${SIZE} versions are shown after ${(performance.now() - began).toFixed(0)} ms`);
  // Once away from the top: from here on as many rows are needed as are there.
  grid.scrollTop = 3_000;
  await frame();
  await frame();
  const wheel = await scroll(grid, 40, (step) => 3_000 + step * 90);
  told('With the wheel', wheel);
  const back = await scroll(grid, 20, (step) => 6_000 - step * 150);
  told('Back up', back);
  const bar = await scroll(grid, 20, (step) => 20_000 + step * 50_000);
  told('With the bar', bar);
  expect(grid.scrollHeight).toBeGreaterThan(SIZE * 20);
  expect(grid.querySelectorAll('[data-index]').length).toBeLessThan(60);
  const rows = [wheel, back, bar].map(({ made }) => made);
  expect(Math.max(...rows), 'less than one row of many elements').toBeLessThan(20);
}, 180_000);
