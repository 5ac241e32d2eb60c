/** A unified diff as git prints it, in parts. Whatever the text is, every line of it is kept and nothing throws. */

export type FileState = 'added' | 'removed' | 'renamed' | 'copied' | 'changed';
export type LineKind = 'same' | 'added' | 'removed' | 'note';

export interface DiffLine {
  kind: LineKind;
  /** Its number before and after; null where it has none. */
  before: number | null;
  after: number | null;
  /** Without its sign; a note has none and stands whole. */
  text: string;
}

export interface Hunk {
  /** The line that begins it. */
  head: string;
  lines: DiffLine[];
}

export interface FileDiff {
  path: string;
  /** Where it was, where that differs. */
  from: string | null;
  state: FileState;
  binary: boolean;
  /** The lines before the first hunk, the first of them `diff --git …`. */
  head: string[];
  hunks: Hunk[];
  added: number;
  removed: number;
}

export interface Patch {
  files: FileDiff[];
  /** Lines before the first file. */
  before: string[];
}

const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;

interface Open {
  file: FileDiff;
  hunk: Hunk | null;
  /** Lines the hunk still announces, and their numbers. */
  left: { before: number; after: number };
  at: { before: number; after: number };
}

export function parsePatch(text: string): Patch {
  const patch: Patch = { files: [], before: [] };
  // Only a line feed ends a line: anything else is content.
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let open: Open | null = null;
  for (const line of lines) {
    if (open?.hunk && take(open, line)) continue;
    if (line.startsWith('diff --git ')) {
      open = begin(line);
      patch.files.push(open.file);
    } else if (open) {
      head(open, line);
    } else {
      patch.before.push(line);
    }
  }
  return patch;
}

/** Takes a line into the open hunk; false where the hunk has ended. The counts say what a line is, not its look. */
function take(open: Open, line: string): boolean {
  const { hunk, left, at, file } = open;
  if (!hunk) return false;
  const sign = line[0] ?? ' ';
  if (sign === '\\') {
    hunk.lines.push({ kind: 'note', before: null, after: null, text: line });
    return true;
  }
  const text = line.slice(1);
  if (sign === '+' && left.after > 0) {
    hunk.lines.push({ kind: 'added', before: null, after: at.after, text });
    at.after += 1;
    left.after -= 1;
    file.added += 1;
    return true;
  }
  if (sign === '-' && left.before > 0) {
    hunk.lines.push({ kind: 'removed', before: at.before, after: null, text });
    at.before += 1;
    left.before -= 1;
    file.removed += 1;
    return true;
  }
  if (sign === ' ' && left.before > 0 && left.after > 0) {
    hunk.lines.push({ kind: 'same', before: at.before, after: at.after, text });
    at.before += 1;
    at.after += 1;
    left.before -= 1;
    left.after -= 1;
    return true;
  }
  return false;
}

function begin(line: string): Open {
  const [from, path] = gitPaths(line.slice('diff --git '.length));
  return {
    file: {
      path,
      from: from === path ? null : from,
      state: 'changed',
      binary: false,
      head: [line],
      hunks: [],
      added: 0,
      removed: 0,
    },
    hunk: null,
    left: { before: 0, after: 0 },
    at: { before: 0, after: 0 },
  };
}

/** A line of a file that is in no hunk. */
function head(open: Open, line: string): void {
  const { file } = open;
  const found = HUNK.exec(line);
  if (found) {
    const [, before = '0', beforeCount = '1', after = '0', afterCount = '1'] = found;
    open.hunk = { head: line, lines: [] };
    open.at = { before: Number(before), after: Number(after) };
    open.left = { before: Number(beforeCount), after: Number(afterCount) };
    file.hunks.push(open.hunk);
    return;
  }
  if (open.hunk) {
    // Neither announced nor a new part: shown as it stands.
    open.hunk.lines.push({ kind: 'note', before: null, after: null, text: line });
    return;
  }
  file.head.push(line);
  if (line.startsWith('new file mode ')) file.state = 'added';
  else if (line.startsWith('deleted file mode ')) file.state = 'removed';
  else if (line.startsWith('rename from ')) setFrom(file, 'renamed', line.slice('rename from '.length));
  else if (line.startsWith('copy from ')) setFrom(file, 'copied', line.slice('copy from '.length));
  else if (line.startsWith('rename to ')) file.path = unquoted(line.slice('rename to '.length));
  else if (line.startsWith('copy to ')) file.path = unquoted(line.slice('copy to '.length));
  else if (line.startsWith('--- ')) named(file, 'from', line.slice(4));
  else if (line.startsWith('+++ ')) named(file, 'path', line.slice(4));
  else if (/^Binary files .* differ$/.test(line) || line === 'GIT binary patch') file.binary = true;
}

function setFrom(file: FileDiff, state: FileState, path: string): void {
  file.state = state;
  file.from = unquoted(path);
}

/** The paths of `---` and `+++` are unambiguous, unlike those of `diff --git`. */
function named(file: FileDiff, field: 'from' | 'path', text: string): void {
  // Git ends a path that has a space with a tab.
  const path = unquoted(text.replace(/\t$/, ''));
  if (path === '/dev/null') {
    if (field === 'from') file.from = null;
    return;
  }
  const bare = path.replace(/^[ab]\//, '');
  if (field === 'path') file.path = bare;
  if (field === 'from') file.from = bare;
  if (file.from === file.path) file.from = null;
}

/** `a/x b/x`: where the two are the same, the middle parts them; quoted ones part themselves. */
function gitPaths(text: string): [string, string] {
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(text);
  if (quoted?.[1] !== undefined && quoted[2] !== undefined) {
    return [bareOf(quoted[1]), bareOf(quoted[2])];
  }
  const middle = (text.length - 1) / 2;
  const [one, other] = [text.slice(0, middle), text.slice(middle + 1)];
  if (text[middle] === ' ' && one.slice(2) === other.slice(2)) return [bareOf(one), bareOf(other)];
  const at = text.indexOf(' b/');
  return at < 0 ? [text, text] : [bareOf(text.slice(0, at)), bareOf(text.slice(at + 1))];
}

const bareOf = (path: string): string => unquoted(path).replace(/^[ab]\//, '');

const ESCAPES: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** A path as git quotes it, C style with bytes in octal, read as UTF-8. */
export function unquoted(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const bytes: number[] = [];
  const inner = text.slice(1, -1);
  const encoder = new TextEncoder();
  for (const part of inner.match(/\\[0-7]{3}|\\.|[^\\]+|\\/gs) ?? []) {
    const letter = part[1];
    const escaped = letter === undefined ? undefined : ESCAPES[letter];
    if (/^\\[0-7]{3}$/.test(part)) bytes.push(Number.parseInt(part.slice(1), 8) & 255);
    else if (part[0] === '\\' && escaped !== undefined) bytes.push(escaped);
    else for (const byte of encoder.encode(part)) bytes.push(byte);
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** The patch again, line by line: nothing is lost. */
export function patchLines(patch: Patch): string[] {
  const signs: Record<LineKind, string> = { same: ' ', added: '+', removed: '-', note: '' };
  return [
    ...patch.before,
    ...patch.files.flatMap((file) => [
      ...file.head,
      ...file.hunks.flatMap((hunk) => [hunk.head, ...hunk.lines.map((line) => signs[line.kind] + line.text)]),
    ]),
  ];
}
