/** Which of two lists' entries are the same: runs of equal entries, in order. */
export interface Match {
  a: number;
  b: number;
  length: number;
}

/** More edits than this are not looked for: what lies between is then shown as replaced. */
const MOST_EDITS = 2_000;

/** The longest common runs of two lists, by Myers' greedy search between their equal ends. */
export function matches(a: readonly string[], b: readonly string[], mostEdits = MOST_EDITS): Match[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  const found: Match[] = start > 0 ? [{ a: 0, b: 0, length: start }] : [];
  for (const { a: at, b: other, length } of middle(a.slice(start, endA), b.slice(start, endB), mostEdits)) {
    found.push({ a: at + start, b: other + start, length });
  }
  if (endA < a.length) found.push({ a: endA, b: endB, length: a.length - endA });
  return found;
}

function middle(a: readonly string[], b: readonly string[], mostEdits: number): Match[] {
  if (a.length === 0 || b.length === 0) return [];
  const [x, y] = numbered(a, b);
  const trace = search(x, y, Math.min(mostEdits, x.length + y.length));
  return trace ? walked(x.length, y.length, trace) : [];
}

/** The same text, the same number: comparing numbers is quicker. */
function numbered(a: readonly string[], b: readonly string[]): [Int32Array, Int32Array] {
  const known = new Map<string, number>();
  const number = (text: string): number => {
    const found = known.get(text) ?? known.size;
    known.set(text, found);
    return found;
  };
  return [Int32Array.from(a, number), Int32Array.from(b, number)];
}

/** The farthest place on every diagonal after each edit; null where more edits were needed than allowed. */
function search(a: Int32Array, b: Int32Array, most: number): Int32Array[] | null {
  const trace: Int32Array[] = [];
  let far = new Int32Array(3);
  for (let edits = 0; edits <= most; edits += 1) {
    const next = new Int32Array(2 * edits + 3);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = edits === 0 ? 0 : at(far, edits - 1, diagonal + 1);
      const right = edits === 0 ? 0 : at(far, edits - 1, diagonal - 1) + 1;
      const goesDown = diagonal === -edits || (diagonal !== edits && right - 1 < down);
      let x = edits === 0 ? 0 : goesDown ? down : right;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      next[diagonal + edits + 1] = x;
      if (x >= a.length && x - diagonal >= b.length) {
        trace.push(next);
        return trace;
      }
    }
    trace.push(next);
    far = next;
  }
  return null;
}

const at = (far: Int32Array, edits: number, diagonal: number): number => far[diagonal + edits + 1] ?? 0;

/** Back from the end along the places found. */
function walked(lengthA: number, lengthB: number, trace: Int32Array[]): Match[] {
  const found: Match[] = [];
  let [x, y] = [lengthA, lengthB];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const diagonal = x - y;
    if (edits === 0) {
      if (x > 0) found.push({ a: 0, b: 0, length: x });
      break;
    }
    const far = trace[edits - 1] ?? new Int32Array(3);
    const down = at(far, edits - 1, diagonal + 1);
    const right = at(far, edits - 1, diagonal - 1);
    const goesDown = diagonal === -edits || (diagonal !== edits && right < down);
    const start = goesDown ? down : right;
    const before = goesDown ? diagonal + 1 : diagonal - 1;
    const [fromX, fromY] = goesDown ? [start, start - before + 1] : [start + 1, start - before];
    if (x > fromX) found.push({ a: fromX, b: fromY, length: x - fromX });
    [x, y] = [start, start - before];
  }
  return found.reverse();
}

export type Mark = 'same' | 'removed' | 'added';

/** A part of a line, and whether the other side lacks it. */
export interface Piece {
  text: string;
  differs: boolean;
}

export interface Line {
  mark: Mark;
  /** Its number in A and B, from 1; null where that side lacks it. */
  a: number | null;
  b: number | null;
  pieces: Piece[];
}

export interface Differences {
  lines: Line[];
  added: number;
  removed: number;
  /** Line endings, where a side mixes or uses something else than the other. */
  endings: { a: string; b: string } | null;
  /** Which sides lack a line break at their end, where that differs. */
  unended: { a: boolean; b: boolean } | null;
}

/** Lines without their endings; a line break at the end begins no line. */
export function linesOf(text: string): { lines: string[]; ending: string; ended: boolean } {
  if (text === '') return { lines: [], ending: 'none', ended: true };
  const ended = /[\r\n]$/.test(text);
  const lines = text.split(/\r\n|\n|\r/);
  if (ended) lines.pop();
  const kinds = new Set(text.match(/\r\n|\n|\r/g));
  const names: Record<string, string> = { '\n': 'LF', '\r\n': 'CRLF', '\r': 'CR' };
  const ending = kinds.size === 0 ? 'none' : kinds.size > 1 ? 'mixed' : (names[[...kinds][0] ?? ''] ?? '');
  return { lines, ending, ended };
}

/** Two texts line by line, removed before added; changed lines say which words differ. */
export function differences(a: string, b: string): Differences {
  const [one, other] = [linesOf(a), linesOf(b)];
  const lines: Line[] = [];
  let [atA, atB, added, removed] = [0, 0, 0, 0];
  const upTo = (endA: number, endB: number): void => {
    const pieces = paired(one.lines.slice(atA, endA), other.lines.slice(atB, endB));
    pieces.a.forEach((parts, index) =>
      lines.push({ mark: 'removed', a: atA + index + 1, b: null, pieces: parts }),
    );
    pieces.b.forEach((parts, index) =>
      lines.push({ mark: 'added', a: null, b: atB + index + 1, pieces: parts }),
    );
    removed += endA - atA;
    added += endB - atB;
    [atA, atB] = [endA, endB];
  };
  for (const match of matches(one.lines, other.lines)) {
    upTo(match.a, match.b);
    for (let index = 0; index < match.length; index += 1) {
      const text = one.lines[match.a + index] ?? '';
      lines.push({
        mark: 'same',
        a: match.a + index + 1,
        b: match.b + index + 1,
        pieces: [{ text, differs: false }],
      });
    }
    [atA, atB] = [match.a + match.length, match.b + match.length];
  }
  upTo(one.lines.length, other.lines.length);
  const known = one.ending !== 'none' && other.ending !== 'none';
  return {
    lines,
    added,
    removed,
    endings: known && one.ending !== other.ending ? { a: one.ending, b: other.ending } : null,
    unended: one.ended === other.ended ? null : { a: !one.ended, b: !other.ended },
  };
}

/** Longer lines are not divided into words. */
const LONGEST_DIVIDED = 1_000;

/** Lines that replace each other one to one, divided into the words that stayed and those that did not. */
function paired(a: string[], b: string[]): { a: Piece[][]; b: Piece[][] } {
  const whole = (text: string): Piece[] => [{ text, differs: false }];
  if (a.length !== b.length) return { a: a.map(whole), b: b.map(whole) };
  const both = a.map((text, index) => words(text, b[index] ?? ''));
  return { a: both.map((pieces) => pieces.a), b: both.map((pieces) => pieces.b) };
}

function words(a: string, b: string): { a: Piece[]; b: Piece[] } {
  const whole = { a: [{ text: a, differs: false }], b: [{ text: b, differs: false }] };
  if (a.length > LONGEST_DIVIDED || b.length > LONGEST_DIVIDED) return whole;
  const [one, other] = [divided(a), divided(b)];
  const common = matches(one, other);
  const kept = common.reduce(
    (sum, { a: at, length }) =>
      sum +
      one
        .slice(at, at + length)
        .join('')
        .trim().length,
    0,
  );
  // Lines with next to nothing in common are other lines, not changed ones.
  if (kept * 3 < Math.max(a.trim().length, b.trim().length)) return whole;
  return {
    a: pieces(
      one,
      common.map(({ a: from, length }) => [from, length]),
    ),
    b: pieces(
      other,
      common.map(({ b: from, length }) => [from, length]),
    ),
  };
}

const divided = (text: string): string[] => text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];

function pieces(parts: string[], common: [number, number][]): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  const take = (end: number, differs: boolean): void => {
    const text = parts.slice(at, end).join('');
    if (text) found.push({ text, differs });
    at = end;
  };
  for (const [from, length] of common) {
    take(from, true);
    take(from + length, false);
  }
  take(parts.length, true);
  return found;
}

/** Lines in sight, or a gap of equal lines that may be opened. */
export type Block = { kind: 'lines'; lines: Line[] } | { kind: 'gap'; from: number; lines: Line[] };

/** Hides equal lines farther than `around` from a change; a gap that would hide one or two hides none. */
export function blocks(lines: readonly Line[], around: number, opened: ReadonlySet<number>): Block[] {
  const near = new Uint8Array(lines.length);
  lines.forEach((line, index) => {
    if (line.mark === 'same') return;
    near.fill(1, Math.max(0, index - around), Math.min(lines.length, index + around + 1));
  });
  const found: Block[] = [];
  for (let from = 0; from < lines.length;) {
    let end = from;
    while (end < lines.length && near[end] === near[from]) end += 1;
    const part = lines.slice(from, end);
    const last = found.at(-1);
    if (near[from] || part.length <= 2 || opened.has(from)) {
      if (last?.kind === 'lines') last.lines.push(...part);
      else found.push({ kind: 'lines', lines: [...part] });
    } else {
      found.push({ kind: 'gap', from, lines: part });
    }
    from = end;
  }
  return found;
}

/** A line beside what replaced it. */
export interface Row {
  a: Line | null;
  b: Line | null;
}

/** Lines of one column set side by side. */
export function besides(lines: readonly Line[]): Row[] {
  const rows: Row[] = [];
  let [removed, added]: [Line[], Line[]] = [[], []];
  const flush = (): void => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      rows.push({ a: removed[index] ?? null, b: added[index] ?? null });
    }
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line.mark === 'removed') {
      removed.push(line);
    } else if (line.mark === 'added') {
      added.push(line);
    } else {
      flush();
      rows.push({ a: line, b: line });
    }
  }
  flush();
  return rows;
}
