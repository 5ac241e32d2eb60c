import { number } from '$domain/format';

/** Nobody reads a longer value in a table. */
const LONGEST = 200;

/** A setting's value as it is written in YAML's flow style. */
export function settingText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** How a number changed: `× 1.5`, or `+2` where one is zero or the sign turned. */
export function factorText(a: unknown, b: unknown): string | null {
  if (typeof a !== 'number' || typeof b !== 'number' || a === b) return null;
  if (a * b > 0) return `× ${number(b / a, 3)}`;
  return `${b > a ? '+' : ''}${number(b - a, 3)}`;
}

/** How an amount changed in per cent: `+66.1 %`; null where there is nothing to hold it against. */
export function growth(a: number | null, b: number | null): string | null {
  if (a === null || b === null || a === 0 || a === b) return null;
  const share = ((b - a) / a) * 100;
  const size = Math.abs(share);
  const digits = size >= 100 ? 0 : 1;
  return `${share > 0 ? '+' : '−'}${size.toFixed(digits)} %`;
}

/** `[32, 1, 3, 3]` as `32 × 1 × 3 × 3`; a single number has no sides. */
export function shapeText(shape: readonly number[] | null): string {
  if (shape === null) return '–';
  return shape.length === 0 ? '1' : shape.join(' × ');
}
