import { describe, expect, it } from 'vitest';
import type { ConfusionChange } from '$generated/bindings';
import { cells, MOST_TINT, moved, movedPairs, reduced, shares, supports } from './confusion';

const a = [
  [8, 2, 0],
  [1, 9, 0],
  [0, 0, 0],
];
const b = [
  [6, 4, 0],
  [0, 10, 0],
  [0, 0, 0],
];
const confusion: ConfusionChange = {
  classes: ['cat', 'dog', 'eel'],
  a,
  b,
  change: [
    [-2, 2, 0],
    [-1, 1, 0],
    [0, 0, 0],
  ],
};

describe('cells', () => {
  it('takes more on the diagonal for better, more beside it for worse', () => {
    const tones = cells(confusion, 'change', 'counts').map((row) => row.map((cell) => cell.tone));
    expect(tones).toEqual([
      ['worse', 'worse', 'none'],
      ['better', 'better', 'none'],
      ['none', 'none', 'none'],
    ]);
  });

  it('tints by the largest there is, never beyond what leaves ink legible', () => {
    const tints = cells(confusion, 'change', 'counts').flat();
    expect(tints.map((cell) => cell.tint)).toEqual([-1, -1, 0, 0.5, 0.5, 0, 0, 0, 0]);
    expect(MOST_TINT).toBeLessThanOrEqual(0.4);
  });

  it('says nothing good or bad of one side alone', () => {
    expect(
      cells(confusion, 'a', 'counts')
        .flat()
        .every((cell) => cell.tone === 'none'),
    ).toBe(true);
  });

  it('gives shares of each row, and their difference', () => {
    expect(shares(a)[0]).toEqual([0.8, 0.2, 0]);
    expect(shares(a)[2]).toEqual([0, 0, 0]);
    expect(cells(confusion, 'change', 'shares')[0]?.[1]?.value).toBeCloseTo(0.2);
  });
});

it('names the mistakes that moved most, and no right answer', () => {
  const { grew, shrank } = movedPairs(confusion, 5);
  expect(grew).toEqual([{ truth: 'cat', predicted: 'dog', a: 2, b: 4, change: 2 }]);
  expect(shrank).toEqual([{ truth: 'dog', predicted: 'cat', a: 1, b: 0, change: -1 }]);
  expect(movedPairs(confusion, 0).grew).toEqual([]);
});

it('counts the examples of each true class', () => {
  expect(supports(confusion)).toEqual([10, 10, 0]);
});

it('stays within the matrix', () => {
  const corner = { row: 0, column: 2 };
  expect(moved(corner, 'ArrowUp', 3, false)).toEqual(corner);
  expect(moved(corner, 'ArrowRight', 3, false)).toEqual(corner);
  expect(moved(corner, 'ArrowDown', 3, false)).toEqual({ row: 1, column: 2 });
  expect(moved({ row: 1, column: 1 }, 'Home', 3, false)).toEqual({ row: 1, column: 0 });
  expect(moved({ row: 1, column: 1 }, 'End', 3, true)).toEqual({ row: 2, column: 2 });
  expect(moved(corner, 'x', 3, false)).toBeNull();
});

it('draws only the classes that moved most where there are many, in their order', () => {
  expect(reduced(confusion, 3)).toBe(confusion);
  const change = [
    [0, 0, 1],
    [0, 0, 0],
    [0, 0, -4],
  ];
  expect(reduced({ ...confusion, classes: ['dog', 'eel', 'cat'], change }, 2)).toMatchObject({
    classes: ['dog', 'cat'],
    change: [
      [0, 1],
      [0, -4],
    ],
  });
});
