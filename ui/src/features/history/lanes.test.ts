import { describe, expect, test } from 'vitest';
import { lanesOf, widest, type Ancestry, type LaneRow } from './lanes';

/** `d>c c>a,b` reads: d follows from c, c from a and b. */
function history(text: string): Ancestry[] {
  return text.split(' ').map((part) => {
    const [commit = '', parents = ''] = part.split('>');
    return { commit, parents: parents.split(',').filter(Boolean) };
  });
}

const lanes = (text: string, limit = 8): LaneRow[] => lanesOf(history(text), limit);

test('a line stays in one lane', () => {
  const rows = lanes('c>b b>a a');
  expect(rows.map((row) => row.lane)).toEqual([0, 0, 0]);
  expect(rows[0]).toMatchObject({ into: [], out: [0], through: [] });
  expect(rows[2]).toMatchObject({ into: [0], out: [], cut: false });
});

test('a branch begins at its merge and ends where it began', () => {
  const rows = lanes('m>b,x x>a b>a a');
  expect(rows.map((row) => row.lane)).toEqual([0, 1, 0, 0]);
  expect(rows[0]?.out).toEqual([0, 1]);
  expect(rows[1]).toMatchObject({ through: [0], into: [1], out: [1] });
  expect(rows[3]?.into).toEqual([0, 1]);
});

test('a merge may reach into a line that is there already', () => {
  const rows = lanes('t>s m>b,s s>a b>a a');
  expect(rows[1]).toMatchObject({ lane: 1, through: [0], out: [1, 0] });
});

test('an octopus has an arm for each parent', () => {
  const rows = lanes('o>a,b,c,d a>r b>r c>r d>r r');
  expect(rows[0]?.out).toEqual([0, 1, 2, 3]);
  expect(rows[5]?.into).toEqual([0, 1, 2, 3]);
  expect(widest(rows, 8)).toBe(4);
});

test('a lane that ended is taken again', () => {
  const rows = lanes('m>b,x x>b b>a n>a a');
  expect(rows[3]).toMatchObject({ lane: 1, into: [] });
});

test('of many branches those beyond the limit are counted', () => {
  const parents = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const text = [`o>${parents.join(',')}`, ...parents.map((parent) => `${parent}>r`), 'r'].join(' ');
  const rows = lanes(text, 4);
  expect(rows[0]?.more).toBe(8);
  expect(rows[1]?.through).toEqual([1, 2, 3]);
  expect(rows[11]).toMatchObject({ lane: 10, more: 8 });
  expect(widest(rows, 4)).toBe(4);
});

test('parents outside of the list are cut off, not waited for', () => {
  const rows = lanes('b>gone a>away,gone');
  expect(rows).toMatchObject([
    { lane: 0, out: [], cut: true },
    { lane: 0, out: [], cut: true },
  ]);
});

test('a parent named twice is one parent', () => {
  expect(lanes('b>a,a a')[0]?.out).toEqual([0]);
});

/** A reproducible number in [0, 1). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe('whatever the history', () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))('%d: lines are unbroken', (seed) => {
    const random = dice(seed);
    const size = 2 + Math.floor(random() * 60);
    const commits = Array.from({ length: size }, (_, index): Ancestry => {
      const most = random() < 0.1 ? 5 : random() < 0.4 ? 2 : 1;
      const parents = Array.from({ length: most }, () => index + 1 + Math.floor(random() * random() * 12));
      return { commit: `${index}`, parents: parents.filter((parent) => parent < size).map(String) };
    });
    const rows = lanesOf(commits, 1_000);
    let above: number[] = [];
    for (const { lane, through, into, out } of rows) {
      expect([...through, ...into].toSorted((one, other) => one - other)).toEqual(above);
      expect(through).not.toContain(lane);
      expect(new Set(out).size).toBe(out.length);
      above = [...new Set([...through, ...out])].sort((one, other) => one - other);
    }
    expect(above).toEqual([]);
    // A line between every commit and each of its parents that is in the list.
    const edges = rows.reduce((sum, row) => sum + row.out.length, 0);
    expect(edges).toBe(commits.reduce((sum, { parents }) => sum + new Set(parents).size, 0));
  });
});

test('ten thousand commits on a hundred branches are a matter of a moment', () => {
  const size = 10_000;
  const commits = Array.from({ length: size }, (_, index): Ancestry => {
    const parents = [index + 100, index % 7 === 0 ? index + 101 : index + 100].filter(
      (parent) => parent < size,
    );
    return { commit: `${index}`, parents: parents.map(String) };
  });
  const rows = lanesOf(commits, 6);
  expect(rows).toHaveLength(size);
  expect(Math.max(...rows.map((row) => row.through.length))).toBeLessThanOrEqual(6);
});
