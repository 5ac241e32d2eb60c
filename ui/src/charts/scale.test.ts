import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeScale, rangeBetween } from './scale';
import type { ScaleKind } from './types';

interface Case {
  name: string;
  kind: ScaleKind;
  domain: [number, number];
  range: [number, number];
  pixels: [number, number | null][];
  values: [number, number][];
}

// Written by the crate that draws the pictures.
const file = new URL('../../../tests/fixtures/scales.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];

/** Equal but for the last digits, which differ between the logarithms of two languages. */
function near(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other), 1e-3);
}

describe.each(cases)('$name', ({ kind, domain, range, pixels, values }) => {
  const scale = makeScale(kind, domain, range);

  test.each(pixels)('%d stands where the picture has it', (value, pixel) => {
    if (pixel === null) expect(scale.holds(value)).toBe(false);
    else expect(near(scale.pixel(value), pixel), `${scale.pixel(value)} for ${pixel}`).toBe(true);
  });

  test.each(values)('pixel %d reads back', (pixel, value) => {
    expect(near(scale.value(pixel), value), `${scale.value(pixel)} for ${value}`).toBe(true);
  });
});

test('a drag in either direction is a rising range', () => {
  const scale = makeScale('linear', [0, 100], [50, 250]);
  expect(rangeBetween(scale, 150, 100, 0)).toEqual([25, 50]);
});

test('on versions a range is whole places, counted from the oldest', () => {
  const scale = makeScale('band', [-0.5, 9.5], [0, 100]);
  expect(rangeBetween(scale, 12, 58, 40)).toEqual([41, 45]);
  expect(rangeBetween(scale, -30, 400, 0)).toEqual([0, 9]);
});
