import type { Verdict } from '$generated/bindings';

export interface Order {
  by: string;
  descending: boolean;
}

type Key = string | number | null | undefined;

/** Worst first. */
const SEVERITY: Record<Verdict, number> = { worse: 0, no_clear_change: 1, better: 2, not_comparable: 3 };

export const severity = (verdict: Verdict): number => SEVERITY[verdict];

const words = new Intl.Collator('en', { numeric: true });

function compared(one: Key, other: Key): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return words.compare(String(one), String(other));
}

const isMissing = (key: Key): boolean => key === null || key === undefined || Number.isNaN(key);

/** Rows by a key; what has none comes last either way, and equals keep their order. */
export function sorted<T>(rows: readonly T[], key: (row: T) => Key, descending = false): T[] {
  return [...rows].sort((one, other) => {
    const [first, second] = [key(one), key(other)];
    if (isMissing(first) || isMissing(second)) return Number(isMissing(first)) - Number(isMissing(second));
    return descending ? compared(second, first) : compared(first, second);
  });
}

/** The order after a press on a column's head: up, down, as it came. */
export function nextOrder(order: Order | null, by: string): Order | null {
  if (order?.by !== by) return { by, descending: false };
  return order.descending ? null : { by, descending: true };
}
