import { describe, expect, it } from 'vitest';
import { nextOrder, severity, sorted } from './sorting';

describe('sorted', () => {
  const rows = [
    { id: 'a', value: 2 },
    { id: 'b', value: null },
    { id: 'c', value: -1 },
    { id: 'd', value: Number.NaN },
    { id: 'e', value: 2 },
  ];

  it('puts what is missing last, whichever way', () => {
    const key = (row: (typeof rows)[number]) => row.value;
    expect(sorted(rows, key).map((row) => row.id)).toEqual(['c', 'a', 'e', 'b', 'd']);
    expect(sorted(rows, key, true).map((row) => row.id)).toEqual(['a', 'e', 'c', 'b', 'd']);
  });

  it('reads numbers within words as numbers, and leaves the rows it was given alone', () => {
    const classes = ['10', '9', 'class 12', 'class 2'];
    expect(sorted(classes, (name) => name)).toEqual(['9', '10', 'class 2', 'class 12']);
    expect(classes[0]).toBe('10');
  });
});

it('goes up, down and back to the order the rows came in', () => {
  const up = nextOrder(null, 'change');
  const down = nextOrder(up, 'change');
  expect([up?.descending, down?.descending, nextOrder(down, 'change')]).toEqual([false, true, null]);
  expect(nextOrder(down, 'name')).toEqual({ by: 'name', descending: false });
});

it('holds worse before no clear change before better', () => {
  const order = (['not_comparable', 'better', 'worse', 'no_clear_change'] as const).toSorted(
    (one, other) => severity(one) - severity(other),
  );
  expect(order).toEqual(['worse', 'no_clear_change', 'better', 'not_comparable']);
});
