import { describe, expect, test } from 'vitest';
import type { LiveRun, LiveSamples } from '$generated/bindings';
import { live } from '$states';
import { applied, hearSamples } from '$states/live.svelte';
import { fakeHost } from '../support/host';
import { scope } from '../support/runes.svelte';

const point = (step: number) => ({ step, epoch: 1, wall_millis: step }) as LiveRun['points'][number];
const run = (number: number, steps: number[]): LiveRun => ({
  repo: 'r',
  run: 'x',
  number,
  state: 'running',
  phase: 'training',
  plan: null,
  points: steps.map(point),
  log: [],
  stopping: false,
  started_at: '2026-01-01T00:00:00Z',
  elapsed_millis: 0,
  steps_per_second: null,
  eta: null,
  cause: null,
});
const batch = (
  from: number,
  number: number,
  steps: number[],
  more: Partial<LiveSamples> = {},
): LiveSamples => ({
  ...run(number, steps),
  from,
  ended: null,
  ...more,
});

describe('samples of a run', () => {
  test('follow one another', () => {
    const next = applied(run(1, [1]), batch(1, 2, [2]));
    expect(next?.points.map((one) => one.step)).toEqual([1, 2]);
    expect(next?.number).toBe(2);
  });

  test('heard twice are taken once', () => {
    const held = run(2, [1, 2]);
    expect(applied(held, batch(1, 2, [2]))).toBe(held);
  });

  test('with a gap before them are not taken', () => {
    expect(applied(run(1, [1]), batch(3, 4, [4]))).toBeNull();
  });

  test('end the run', () => {
    expect(applied(run(1, []), batch(1, 2, [], { ended: 'succeeded' }))?.state).toBe('succeeded');
  });
});

test('a follower asks for the whole again where samples are missing', async () => {
  const host = fakeHost({ live_run: run(1, [1]) });
  const { value, end } = scope(() => live.follow('r', 'x'));
  await expect.poll(() => value.data?.number).toBe(1);
  hearSamples(batch(1, 2, [2]));
  expect(value.data?.points).toHaveLength(2);
  host.answers.live_run = run(5, [1, 2, 3, 4, 5]);
  hearSamples(batch(4, 5, [5]));
  await expect.poll(() => value.data?.points.length).toBe(5);
  expect(host.count('live_run')).toBe(2);
  hearSamples({ ...batch(5, 6, [6]), run: 'another' });
  expect(value.data?.number).toBe(5);
  end();
  hearSamples(batch(5, 6, [6]));
  expect(host.count('live_run')).toBe(2);
});
