import { expect, test } from 'vitest';
import { fittedRange } from './fit';
import { sparkPoints } from './spark';
import type { ChartAnswer } from './types';

function answer(values: Record<string, number[]>, yScale: 'linear' | 'log' = 'linear'): ChartAnswer {
  const series = Object.entries(values).map(([id, y]) => ({
    id,
    x: y.map((_, index) => index),
    y,
    lo: [],
    hi: [],
  }));
  return { sidecar: { xDomain: [0, 2], yScale, series } } as unknown as ChartAnswer;
}

test('the room goes to what is shown, within what is shown of it', () => {
  const [low, high] = fittedRange(answer({ wild: [1e6, 1e6, 1e6], calm: [10, 11, 12, 900] }), ['wild']) ?? [];
  expect(low).toBeCloseTo(9.88);
  expect(high).toBeCloseTo(12.12);
  expect(fittedRange(answer({ wild: [1] }), ['wild'])).toBe(null);
});

test('what is never negative needs no room below nothing', () => {
  expect(fittedRange(answer({ a: [0, 1] }), [])?.[0]).toBe(0);
  expect(fittedRange(answer({ a: [0, 0.1, 10] }, 'log'), [])?.[0]).toBeGreaterThan(0.05);
});

test('a sparkline keeps gaps and extremes', () => {
  const spark = sparkPoints([1, 2, null, 3], null, 60, 18);
  expect(spark.pieces).toHaveLength(1);
  expect(spark.alone).toHaveLength(1);
  const long = Array.from({ length: 5_000 }, (_, index) => (index === 2_345 ? 100 : Math.sin(index)));
  const ys = (sparkPoints(long, null, 64, 18).pieces[0] ?? '')
    .split(' ')
    .map((pair) => Number(pair.split(',')[1]));
  expect(ys.length).toBeLessThan(64 * 5);
  expect(Math.min(...ys)).toBe(2.5);
  expect(sparkPoints([null, null], 1, 60, 18).last).toBe(null);
});
