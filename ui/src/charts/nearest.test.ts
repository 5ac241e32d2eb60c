import { expect, test } from 'vitest';
import { nearestPlace, nearestSeries, placesOf, readingsAt } from './nearest';
import type { SidecarSeries } from './types';

function series(id: string, x: number[], y: (number | null)[]): SidecarSeries {
  return {
    id,
    label: id,
    colorIndex: 0,
    x,
    y,
    lo: [],
    hi: [],
    pointsTotal: x.length,
    pointsDrawn: x.length,
    missing: 0,
  };
}

const same = (x: number): number => x;

test('places are those with a value, rising, each once', () => {
  const places = placesOf([series('a', [3, 1, 2], [1, 1, null]), series('b', [1, 5], [0, 0])]);
  expect(places).toEqual([1, 3, 5]);
});

test('the nearest place is nearest in pixels, not in values', () => {
  const places = [1, 10, 100];
  expect(nearestPlace(places, 40, same)).toBe(1);
  expect(nearestPlace(places, 40, Math.log)).toBe(2);
  expect(nearestPlace([], 40, same)).toBe(-1);
  expect(nearestPlace(places, 1000, same)).toBe(2);
});

test('a series speaks where it has a value near, and is silent where it has none', () => {
  const readings = readingsAt(
    [series('a', [0, 10, 20], [1, 2, 3]), series('b', [0, 13], [5, 6])],
    10,
    same,
    4,
  );
  expect(readings.map(({ series: { id }, x, y }) => [id, x, y])).toEqual([
    ['a', 10, 2],
    ['b', 13, 6],
  ]);
  expect(readingsAt([series('b', [0, 15], [5, 6])], 10, same, 4)).toEqual([]);
});

test('gaps say nothing, and do not hide the value beside them', () => {
  const gap = series('a', [8, 10, 12], [1, null, 3]);
  expect(readingsAt([gap], 10, same, 1)).toEqual([]);
  expect(readingsAt([gap], 10, same, 5)[0]?.y).toBeDefined();
});

test('the series near the pointer is the one whose value is', () => {
  const readings = readingsAt([series('a', [0], [10]), series('b', [0], [50])], 0, same, 5);
  expect(nearestSeries(readings, 45, same, 24)).toBe('b');
  expect(nearestSeries(readings, 100, same, 24)).toBe(null);
});
