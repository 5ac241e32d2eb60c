import { describe, expect, it } from 'vitest';
import { besides, blocks, differences, linesOf, matches, type Line } from './linediff';

/** Length of the longest common subsequence, the slow and certain way. */
function longest(a: string[], b: string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    b.forEach((other, at) => {
      next.push(one === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The same numbers on every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const text = (line: Line): string => line.pieces.map((piece) => piece.text).join('');
const signs = (lines: readonly Line[]): string =>
  lines.map((line) => ({ same: ' ', removed: '-', added: '+' })[line.mark]).join('');

describe('matches', () => {
  it('keep as much as can be kept, in order, and nothing that differs', () => {
    const next = numbers(7);
    const some = (): string[] =>
      Array.from({ length: Math.floor(next() * 14) }, () => 'abc'.charAt(Math.floor(next() * 3)));
    for (let round = 0; round < 1_500; round += 1) {
      const [a, b] = [some(), some()];
      let [atA, atB, kept] = [0, 0, 0];
      for (const match of matches(a, b)) {
        expect(match.a >= atA && match.b >= atB && match.length > 0).toBe(true);
        expect(a.slice(match.a, match.a + match.length)).toEqual(b.slice(match.b, match.b + match.length));
        [atA, atB] = [match.a + match.length, match.b + match.length];
        kept += match.length;
      }
      expect(kept, JSON.stringify([a, b])).toBe(longest(a, b));
    }
  });

  it('give up where too much differs, and still keep the equal ends', () => {
    const a = ['head', ...Array.from({ length: 50 }, (_, at) => `a${at}`), 'tail'];
    const b = ['head', ...Array.from({ length: 50 }, (_, at) => `b${at}`), 'tail'];
    expect(matches(a, b, 10)).toEqual([
      { a: 0, b: 0, length: 1 },
      { a: 51, b: 51, length: 1 },
    ]);
  });
});

describe('differences', () => {
  it('give both texts back', () => {
    const a = 'one\ntwo\nthree\nfour\n';
    const b = 'one\n2\nthree\nfour\nfive\n';
    const { lines, added, removed } = differences(a, b);
    const side = (lacks: Line['mark']): string =>
      lines
        .filter((line) => line.mark !== lacks)
        .map((line) => `${text(line)}\n`)
        .join('');
    expect(side('added')).toBe(a);
    expect(side('removed')).toBe(b);
    expect([signs(lines), added, removed]).toEqual([' -+  +', 2, 1]);
    expect(lines.map((line) => [line.a, line.b])).toEqual([
      [1, 1],
      [2, null],
      [null, 2],
      [3, 3],
      [4, 4],
      [null, 5],
    ]);
  });

  it('point at the words that changed within a line', () => {
    const { lines } = differences('lr: 0.002, epochs: 15\n', 'lr: 0.003, epochs: 15\n');
    const differing = lines.map((line) =>
      line.pieces.filter((piece) => piece.differs).map((piece) => piece.text),
    );
    expect(differing).toEqual([['002'], ['003']]);
  });

  it('point at nothing where a line has become another one', () => {
    const { lines } = differences('import numpy as np\n', 'value = x as y\n');
    expect(lines.every((line) => line.pieces.every((piece) => !piece.differs))).toBe(true);
  });

  it('say what no line shows: line endings, and a missing end', () => {
    expect(differences('a\r\nb\r\n', 'a\nb\n').endings).toEqual({ a: 'CRLF', b: 'LF' });
    expect(differences('a\r\nb\n', 'a\nb\n').endings).toEqual({ a: 'mixed', b: 'LF' });
    expect(differences('a\nb', 'a\nb\n').unended).toEqual({ a: true, b: false });
    expect(differences('', 'a\n')).toMatchObject({ added: 1, removed: 0, endings: null, unended: null });
    expect(linesOf('').lines).toEqual([]);
  });
});

describe('blocks', () => {
  const before = Array.from({ length: 30 }, (_, at) => `line ${at}`);
  const { lines } = differences(before.join('\n'), before.with(15, 'other').join('\n'));

  it('hide equal lines far from a change', () => {
    const found = blocks(lines, 3, new Set());
    expect(found.map((block) => [block.kind, block.lines.length])).toEqual([
      ['gap', 12],
      ['lines', 8],
      ['gap', 11],
    ]);
  });

  it('open when asked, and never hide one or two lines', () => {
    expect(blocks(lines, 3, new Set([0])).map((block) => block.kind)).toEqual(['lines', 'gap']);
    const { lines: few } = differences('a\nb\nc\nd\ne\nf', 'a\nb\nc\nd\ne\nF');
    expect(blocks(few, 3, new Set()).map((block) => block.kind)).toEqual(['lines']);
  });
});

it('sets what replaced a line beside it', () => {
  const { lines } = differences('a\nb\nc\nd\n', 'a\nB\nd\nE\nF\n');
  const rows = besides(lines).map((row) => [row.a && text(row.a), row.b && text(row.b)]);
  expect(rows).toEqual([
    ['a', 'a'],
    ['b', 'B'],
    ['c', null],
    ['d', 'd'],
    [null, 'E'],
    [null, 'F'],
  ]);
});
