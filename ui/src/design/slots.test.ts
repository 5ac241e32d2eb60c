import { describe, expect, test } from 'vitest';
import { evened, slotted, type Slotted } from './slots';

const rows = (first: number, last: number): { index: number; start: number }[] =>
  Array.from({ length: last - first + 1 }, (_, place) => ({
    index: first + place,
    start: (first + place) * 28,
  }));
const slots = (items: Slotted[]): number[] => items.map((item) => item.slot);

describe('elements of rows', () => {
  test('those that stay keep theirs, those that come take over what goes', () => {
    const first = slotted([], rows(0, 4));
    expect(slots(first)).toEqual([0, 1, 2, 3, 4]);
    const next = slotted(first, rows(2, 6));
    expect(slots(next)).toEqual([2, 3, 4, 0, 1]);
    expect(next[0]).toBe(first[2]);
    expect(slots(slotted(next, rows(1, 5)))).toEqual([1, 2, 3, 4, 0]);
  });

  test('no element is there twice, and none is made while one is free', () => {
    let items = slotted([], rows(0, 20));
    for (const at of [3, 400, 390, 12, 9_000, 8_999, 0, 7]) {
      const keep = { index: 5, start: 140 };
      const seen = rows(at, at + 20);
      const wanted = at <= 5 ? seen : [keep, ...seen];
      const before = slots(items);
      items = slotted(items, wanted);
      expect(items.map((item) => item.index)).toEqual(wanted.map((row) => row.index));
      expect(new Set(slots(items)).size).toBe(items.length);
      const made = slots(items).filter((slot) => !before.includes(slot)).length;
      expect(made).toBe(Math.max(0, items.length - before.length));
    }
  });

  test('after a jump the row that is held stays where it is in the page', () => {
    const before = slotted([], rows(0, 5));
    const after = slotted(before, [{ index: 2, start: 56 }, ...rows(100, 104)]);
    expect(slots(after)).toEqual([2, 3, 4, 5, 0, 1]);
  });

  test('a row that moved is another object', () => {
    const [item] = slotted([], rows(3, 3));
    expect(slotted(item ? [item] : [], [{ index: 3, start: 72 }])).toEqual([
      { index: 3, start: 72, slot: 0 },
    ]);
  });
});

test('as many rows at the ends of a list as in its middle', () => {
  expect(evened({ first: 0, last: 12 }, 100, 20)).toEqual({ first: 0, last: 19 });
  expect(evened({ first: 40, last: 58 }, 100, 20)).toEqual({ first: 40, last: 59 });
  expect(evened({ first: 88, last: 99 }, 100, 20)).toEqual({ first: 80, last: 99 });
  expect(evened({ first: 0, last: 4 }, 5, 20)).toEqual({ first: 0, last: 4 });
});
