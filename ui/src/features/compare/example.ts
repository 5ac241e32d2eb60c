import type { ClassProbability } from '$generated/bindings';

/** A picture among features: how it is drawn. */
export interface Picture {
  width: number;
  height: number;
  /** 1 grey, 3 red, green and blue planes one after the other. */
  planes: 1 | 3;
}

/** Wider or higher than this is no picture a person looks at. */
const LARGEST_SIDE = 512;

/** The picture a shape means: `[h, w]`, `[1, h, w]` or `[3, h, w]`; null where it is a row of numbers. */
export function pictureOf(shape: readonly number[], values: number): Picture | null {
  const [planes, height, width] =
    shape.length === 2 ? [1, shape[0], shape[1]] : shape.length === 3 ? shape : [];
  if (height === undefined || width === undefined || (planes !== 1 && planes !== 3)) return null;
  if (Math.min(height, width) < 2 || Math.max(height, width) > LARGEST_SIDE) return null;
  return planes * height * width === values ? { width, height, planes } : null;
}

/** The smallest and the largest value there is; null where there is none. */
export function rangeOf(values: readonly (number | null)[]): { low: number; high: number } | null {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? { low, high } : null;
}

/** RGBA bytes: the smallest value black, the largest white; a missing value is transparent. */
export function pixels(picture: Picture, values: readonly (number | null)[]): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, planes } = picture;
  const area = width * height;
  const bytes = new Uint8ClampedArray(area * 4);
  const range = rangeOf(values);
  if (!range) return bytes;
  const span = range.high - range.low;
  const grey = (value: number): number => (span > 0 ? ((value - range.low) / span) * 255 : 127.5);
  for (let at = 0; at < area; at += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const value = values[at + (planes === 3 ? channel * area : 0)];
      if (value === null || value === undefined || !Number.isFinite(value)) continue;
      bytes[at * 4 + channel] = grey(value);
      bytes[at * 4 + 3] = 255;
    }
  }
  return bytes;
}

export interface ClassBar {
  class: string;
  a: number | null;
  b: number | null;
}

/** Both sides' probabilities by class: the truth first, then the likeliest of either side. */
export function classBars(
  a: readonly ClassProbability[],
  b: readonly ClassProbability[],
  truth: string | null,
): ClassBar[] {
  const bars = new Map<string, ClassBar>();
  for (const { class: name, probability } of a) bars.set(name, { class: name, a: probability, b: null });
  for (const { class: name, probability } of b) {
    const bar = bars.get(name);
    if (bar) bar.b = probability;
    else bars.set(name, { class: name, a: null, b: probability });
  }
  const most = (bar: ClassBar): number => Math.max(bar.a ?? 0, bar.b ?? 0);
  return [...bars.values()].sort(
    (one, other) => Number(other.class === truth) - Number(one.class === truth) || most(other) - most(one),
  );
}
