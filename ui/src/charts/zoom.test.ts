import { expect, test } from 'vitest';
import { besideCursor } from './placing';
import { makeScale } from './scale';
import { pan, zoomIn, zoomOut } from './zoom';

const steps = makeScale('linear', [0, 100], [0, 400]);
const versions = makeScale('band', [-0.5, 9.5], [0, 400]);

test('zooming in halves, around the cursor but never beyond the ends', () => {
  expect(zoomIn(steps, null, 0)).toEqual([25, 75]);
  expect(zoomIn(steps, 20, 0)).toEqual([0, 50]);
  expect(zoomIn(versions, null, 30)).toEqual([32, 37]);
});

test('zooming out doubles and ends at everything', () => {
  expect(zoomOut(steps, 0, [-500, 500])).toEqual([-50, 150]);
  expect(zoomOut(steps, 0, [0, 120])).toBe(null);
  expect(zoomOut(versions, 20, [0, 99])).toEqual([15, 34]);
});

test('moving keeps the width, also at an end', () => {
  expect(pan(steps, 1, 0, [0, 1000])).toEqual([50, 150]);
  expect(pan(steps, -1, 0, [-20, 1000])).toEqual([-20, 80]);
  expect(pan(versions, 1, 20, [0, 31])).toEqual([22, 31]);
});

test('in ratios all of it happens in ratios', () => {
  const log = makeScale('log', [1, 10_000], [0, 400]);
  const [low, high] = zoomIn(log, null, 0);
  expect([low, high].map(Math.round)).toEqual([10, 1000]);
});

test('a tooltip turns to the side with room and never leaves it', () => {
  const room = { width: 300, height: 200 };
  const tip = { width: 120, height: 60 };
  expect(besideCursor({ x: 50, y: 100 }, tip, room)).toEqual({ x: 62, y: 70 });
  expect(besideCursor({ x: 250, y: 10 }, tip, room)).toEqual({ x: 118, y: 0 });
  const wide = { width: 280, height: 300 };
  expect(besideCursor({ x: 150, y: 190 }, wide, room)).toEqual({ x: 20, y: 0 });
});
