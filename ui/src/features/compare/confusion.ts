import type { ConfusionChange } from '$generated/bindings';

export type Side = 'change' | 'a' | 'b';
export type Unit = 'counts' | 'shares';

/** Where a confusion matrix is: rows are true classes, columns predicted ones. */
export interface Cell {
  row: number;
  column: number;
}

export interface Shown {
  /** What the cell says: a count, a share of its row, or the difference of either. */
  value: number;
  /** From −1 to 1: how strong the tint is, positive where it is good; without a good direction it is never below 0. */
  tint: number;
  /** Only of differences. */
  tone: 'better' | 'worse' | 'none';
}

/** A tint never covers more than this: ink stays legible on it. */
export const MOST_TINT = 0.4;

const sum = (row: readonly number[]): number => row.reduce((total, count) => total + count, 0);

/** Shares of each row; a row without examples has none. */
export function shares(counts: readonly (readonly number[])[]): number[][] {
  return counts.map((row) => {
    const total = sum(row);
    return row.map((count) => (total > 0 ? count / total : 0));
  });
}

function minus(b: readonly number[][], a: readonly number[][]): number[][] {
  return b.map((row, index) => row.map((value, column) => value - (a[index]?.[column] ?? 0)));
}

/** Every cell as it is shown. More on the diagonal is better, more beside it is worse. */
export function cells(confusion: ConfusionChange, side: Side, unit: Unit): Shown[][] {
  const of = (counts: number[][]): number[][] => (unit === 'shares' ? shares(counts) : counts);
  const values =
    side === 'change'
      ? unit === 'shares'
        ? minus(of(confusion.b), of(confusion.a))
        : confusion.change
      : of(confusion[side]);
  const most = values.flat().reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return values.map((row, index) =>
    row.map((value, column) => {
      const strength = most > 0 ? Math.abs(value) / most : 0;
      if (side !== 'change' || value === 0) return { value, tint: strength, tone: 'none' };
      const good = (index === column) === value > 0;
      return { value, tint: good ? strength : -strength, tone: good ? 'better' : 'worse' };
    }),
  );
}

/** A mistake that became more or less frequent. */
export interface Pair {
  truth: string;
  predicted: string;
  a: number;
  b: number;
  change: number;
}

/** Mistakes by how much more often B makes them, and how much more seldom; at most so many of each. */
export function movedPairs(confusion: ConfusionChange, most: number): { grew: Pair[]; shrank: Pair[] } {
  const pairs = confusion.classes.flatMap((truth, row) =>
    confusion.classes.flatMap((predicted, column) => {
      const [a, b] = [confusion.a[row]?.[column] ?? 0, confusion.b[row]?.[column] ?? 0];
      return row === column || a === b ? [] : [{ truth, predicted, a, b, change: b - a }];
    }),
  );
  const of = (sign: 1 | -1): Pair[] =>
    pairs
      .filter((pair) => pair.change * sign > 0)
      .sort((one, other) => (other.change - one.change) * sign)
      .slice(0, most);
  return { grew: of(1), shrank: of(-1) };
}

/** More classes than this are no picture: only those that moved most are drawn. */
export const MOST_CLASSES = 60;

/** The classes that take part in the most changes, in their order; all where there are few. */
export function reduced(confusion: ConfusionChange, most = MOST_CLASSES): ConfusionChange {
  if (confusion.classes.length <= most) return confusion;
  const moved = confusion.classes.map(() => 0);
  confusion.change.forEach((line, row) =>
    line.forEach((change, column) => {
      moved[row] = (moved[row] ?? 0) + Math.abs(change);
      moved[column] = (moved[column] ?? 0) + Math.abs(change);
    }),
  );
  const kept = moved
    .map((amount, index) => ({ amount, index }))
    .sort((one, other) => other.amount - one.amount)
    .slice(0, most)
    .map(({ index }) => index)
    .sort((one, other) => one - other);
  const part = (counts: number[][]): number[][] =>
    kept.map((row) => kept.map((column) => counts[row]?.[column] ?? 0));
  return {
    classes: kept.map((index) => confusion.classes[index] ?? ''),
    a: part(confusion.a),
    b: part(confusion.b),
    change: part(confusion.change),
  };
}

/** How many examples each true class has. */
export function supports(confusion: ConfusionChange): number[] {
  return confusion.b.map(sum);
}

/** The cell the keyboard goes to; the same one where the key means nothing. */
export function moved(from: Cell, key: string, size: number, control: boolean): Cell | null {
  const last = size - 1;
  const within = (value: number): number => Math.max(0, Math.min(last, value));
  switch (key) {
    case 'ArrowRight':
      return { row: from.row, column: within(from.column + 1) };
    case 'ArrowLeft':
      return { row: from.row, column: within(from.column - 1) };
    case 'ArrowDown':
      return { row: within(from.row + 1), column: from.column };
    case 'ArrowUp':
      return { row: within(from.row - 1), column: from.column };
    case 'Home':
      return { row: control ? 0 : from.row, column: 0 };
    case 'End':
      return { row: control ? last : from.row, column: last };
    default:
      return null;
  }
}
