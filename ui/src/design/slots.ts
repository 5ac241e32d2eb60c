/** A row that is rendered: which one, where, and in which of the elements that are there. */
export interface Slotted {
  index: number;
  /** From the top, in pixels. */
  start: number;
  slot: number;
}

/**
 * Gives each row an element: those that stay keep theirs, those that come take over one from a row that goes, and only
 * where there is none a new one is made. Both lists are in the order of rows.
 */
export function slotted(
  before: readonly Slotted[],
  rows: readonly { index: number; start: number }[],
): Slotted[] {
  const had = new Map(before.map((item) => [item.index, item]));
  const wanted = new Set(rows.map((row) => row.index));
  const stays = before.filter((item) => wanted.has(item.index)).at(-1)?.index ?? -1;
  const goes = before.filter((item) => !wanted.has(item.index));
  // From behind the last that stays first: so what stays is not moved about in the page, and keeps the focus.
  const free = [
    ...goes.filter((item) => item.index > stays),
    ...goes.filter((item) => item.index < stays),
  ].map((item) => item.slot);
  let next = Math.max(-1, ...before.map((item) => item.slot)) + 1;
  return rows.map(({ index, start }) => {
    const old = had.get(index);
    // The same object where nothing changed, so that nobody looks at it again.
    if (old) return old.start === start ? old : { ...old, start };
    let slot = free.shift();
    if (slot === undefined) {
      slot = next;
      next += 1;
    }
    return { index, start, slot };
  });
}

/** As many rows in every place, so that none is taken away and made again: `range` with more of what is beside it. */
export function evened(
  range: { first: number; last: number },
  count: number,
  size: number,
): { first: number; last: number } {
  const first = Math.max(0, Math.min(range.first, count - size));
  return { first, last: Math.min(count - 1, Math.max(range.last, first + size - 1)) };
}
