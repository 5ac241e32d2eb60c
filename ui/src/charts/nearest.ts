import type { SidecarSeries } from './types';

/** A value of one series at a place. */
export interface Reading {
  series: SidecarSeries;
  x: number;
  y: number;
  low: number | null;
  high: number | null;
}

/** Every place at which one of the series has a value, rising, each once. */
export function placesOf(series: SidecarSeries[]): number[] {
  const all: number[] = [];
  for (const one of series) {
    for (let index = 0; index < one.x.length; index += 1) {
      const x = one.x[index];
      if (x !== undefined && one.y[index] !== null && one.y[index] !== undefined) all.push(x);
    }
  }
  all.sort((one, other) => one - other);
  return all.filter((x, index) => index === 0 || x !== all[index - 1]);
}

/** The index of the first place that is not below `x`. */
export function lowerBound(places: number[], x: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? Infinity) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the place whose pixel is nearest; -1 where there is none. */
export function nearestPlace(places: number[], x: number, pixel: (x: number) => number): number {
  const after = lowerBound(places, x);
  const [before, next] = [places[after - 1], places[after]];
  if (before === undefined) return next === undefined ? -1 : after;
  if (next === undefined) return after - 1;
  const here = pixel(x);
  return here - pixel(before) <= pixel(next) - here ? after - 1 : after;
}

/**
 * What each series says at a place: its value there, else its nearest within `reach` pixels. A series that has
 * nothing near says nothing.
 */
export function readingsAt(
  series: SidecarSeries[],
  x: number,
  pixel: (x: number) => number,
  reach: number,
): Reading[] {
  const readings: Reading[] = [];
  for (const one of series) {
    const index = nearestValue(one, x, pixel, reach);
    const y = one.y[index];
    const place = one.x[index];
    if (y === undefined || y === null || place === undefined) continue;
    readings.push({ series: one, x: place, y, low: one.lo[index] ?? null, high: one.hi[index] ?? null });
  }
  return readings;
}

/** Beside `x` on either side, skipping gaps; where several values stand at one place the last of them. */
function nearestValue(series: SidecarSeries, x: number, pixel: (x: number) => number, reach: number): number {
  const start = lowerBound(series.x, x);
  const here = pixel(x);
  let [best, distance] = [-1, reach];
  for (let index = start; index < series.x.length; index += 1) {
    const away = pixel(series.x[index] ?? Infinity) - here;
    if (away > distance) break;
    if (typeof series.y[index] !== 'number') continue;
    [best, distance] = [index, away];
    if (series.x[index + 1] !== series.x[index]) break;
  }
  for (let index = start - 1; index >= 0; index -= 1) {
    const away = here - pixel(series.x[index] ?? -Infinity);
    if (away >= distance) break;
    if (typeof series.y[index] !== 'number') continue;
    return index;
  }
  return best;
}

/** The series whose value is nearest to a pixel along y, within `reach`. */
export function nearestSeries(
  readings: Reading[],
  y: number,
  pixel: (value: number) => number,
  reach: number,
): string | null {
  let [best, distance]: [string | null, number] = [null, reach];
  for (const reading of readings) {
    const away = Math.abs(pixel(reading.y) - y);
    if (away <= distance) [best, distance] = [reading.series.id, away];
  }
  return best;
}
