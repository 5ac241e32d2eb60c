import { describe, expect, test } from 'vitest';
import type { RunSummary } from '$generated/bindings';
import {
  fits,
  metricsOf,
  nextSorting,
  readSorting,
  shownMetrics,
  sorted,
  toggled,
  writeSorting,
} from './choosing';

const run = (id: string, more: Partial<RunSummary> = {}): RunSummary => ({
  run: id,
  model: 'digits',
  version: `commit-${id}`,
  job: 'train',
  status: 'succeeded',
  dirty: false,
  seed: 7,
  started_at: '2026-01-01T00:00:00Z',
  duration_millis: 1,
  metrics: {},
  remote: null,
  resumable: false,
  ...more,
});
const metric = (value: number | null) => ({ value, low: null, high: null });

describe('the metrics shown', () => {
  const all = ['log_loss', 'accuracy', 'ece15', 'odd'];
  test('are the chosen ones, else the model’s own, else what most look at first', () => {
    expect(shownMetrics(all, ['ece15'], ['log_loss'])).toEqual(['ece15']);
    expect(shownMetrics(all, ['gone'], ['log_loss', 'ece15'])).toEqual(['log_loss', 'ece15']);
    expect(shownMetrics(all, [], [])).toEqual(['accuracy', 'log_loss']);
    expect(shownMetrics(['odd'], [], [])).toEqual(['odd']);
  });

  test('stand in the order of the catalogue, the unknown ones last', () => {
    const runs = [
      run('a', { metrics: { odd: metric(1), ece15: metric(1) } }),
      run('b', { metrics: { accuracy: metric(1) } }),
    ];
    expect(metricsOf(runs, ['accuracy', 'ece15', 'rmse'])).toEqual(['accuracy', 'ece15', 'odd']);
  });
});

test('two runs are marked at most, and the older mark gives way', () => {
  expect(toggled([], 'a')).toEqual(['a']);
  expect(toggled(['a', 'b'], 'c')).toEqual(['b', 'c']);
  expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
});

describe('sorting', () => {
  const list = [
    run('a', { metrics: { accuracy: metric(0.5) } }),
    run('b', { metrics: { accuracy: metric(null) } }),
    run('c', { metrics: { accuracy: metric(0.9) } }),
  ];
  const ids = (runs: RunSummary[]): string => runs.map((one) => one.run).join('');

  test('puts what has no value last, whichever way', () => {
    expect(ids(sorted(list, { column: 'accuracy', descending: true }))).toBe('cab');
    expect(ids(sorted(list, { column: 'accuracy', descending: false }))).toBe('acb');
    expect(ids(sorted(list, null))).toBe('abc');
  });

  test('goes from best to worst, the other way, and back to none', () => {
    const first = nextSorting(null, 'accuracy', true);
    expect(first).toEqual({ column: 'accuracy', descending: true });
    const second = nextSorting(first, 'accuracy', true);
    expect(second).toEqual({ column: 'accuracy', descending: false });
    expect(nextSorting(second, 'accuracy', true)).toBeNull();
  });

  test('survives in an address', () => {
    for (const sorting of [
      { column: 'started', descending: true },
      { column: 'seed', descending: false },
      null,
    ]) {
      expect(readSorting(writeSorting(sorting))).toEqual(sorting);
    }
  });
});

test('words fit what a run shows', () => {
  const dirty = run('RUN1', { dirty: true, seed: 8, cause: 'ran out of memory' });
  expect(fits(dirty, 'Widen the layer', ['widen', 'seed:8'])).toBe(true);
  expect(fits(dirty, undefined, ['memory', 'uncommitted'])).toBe(true);
  expect(fits(dirty, undefined, ['run1'])).toBe(true);
  expect(fits(dirty, 'Widen the layer', ['seed:7'])).toBe(false);
  expect(fits(dirty, undefined, [])).toBe(true);
});
