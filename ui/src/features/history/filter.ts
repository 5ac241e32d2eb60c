/** What a filter asks of a version. */
export interface Subject {
  commit: string;
  subject: string;
  author: string;
  tags: string[];
  environments: string[];
  metrics: Record<string, { value: number | null }>;
}

export type Comparison = '>' | '>=' | '<' | '<=' | '=' | '!=';

/** One condition; all of a filter must hold. */
export type Condition =
  | { kind: 'metric'; name: string; comparison: Comparison; value: number; not: boolean }
  | { kind: 'author' | 'tag' | 'env' | 'text'; text: string; not: boolean };

/** Something in a filter that has no meaning: where, and why. */
export interface Mistake {
  from: number;
  to: number;
  why: string;
}

export interface Filter {
  /** The newest version to show. */
  branch: string | null;
  /** A path that the versions changed. */
  touched: string | null;
  conditions: Condition[];
  mistakes: Mistake[];
}

const KEYS = ['branch', 'touched', 'author', 'tag', 'env'] as const;
type Key = (typeof KEYS)[number];

interface Word {
  from: number;
  to: number;
  /** As typed, without the minus before it. */
  raw: string;
  /** Without quotes. */
  text: string;
  /** Where quoted text begins in `text`; `:` and `>` after it are only letters. */
  quotedFrom: number;
  not: boolean;
}

/** The names that a filter may use. */
export interface Vocabulary {
  metrics: string[];
  /** Branches, tags and environments; null where they are not known yet. */
  revisions: string[] | null;
}

/**
 * Reads a filter such as `accuracy>0.9 branch:main touched:data/ author:"Ana B" -tag:rc text`. What has no meaning is
 * told and left out; the rest still holds.
 */
export function parseFilter(input: string, { metrics, revisions }: Vocabulary): Filter {
  const filter: Filter = { branch: null, touched: null, conditions: [], mistakes: [] };
  const mistaken = (word: Word, why: string): void => {
    filter.mistakes.push({ from: word.from, to: word.to, why });
  };
  for (const word of wordsOf(input, mistaken)) {
    if (word.text === '') continue;
    const plain = word.text.slice(0, word.quotedFrom);
    const compared = /^([\w./-]+?)(>=|<=|!=|=|>|<)/.exec(plain);
    const keyed = /^([A-Za-z]+):/.exec(plain);
    if (compared) condition(filter, word, compared, metrics, mistaken);
    else if (keyed) key(filter, word, keyed[1] ?? '', revisions, mistaken);
    else filter.conditions.push({ kind: 'text', text: word.text, not: word.not });
  }
  return filter;
}

type Told = (word: Word, why: string) => void;

function* wordsOf(input: string, mistaken: Told): Generator<Word> {
  let at = 0;
  while (at < input.length) {
    if (/\s/.test(input[at] ?? '')) {
      at += 1;
      continue;
    }
    const from = at;
    const not = input[at] === '-' && /[^\s-]/.test(input[at + 1] ?? '');
    if (not) at += 1;
    let [text, quotedFrom, open] = ['', Infinity, false];
    const start = at;
    for (; at < input.length && (open || !/\s/.test(input[at] ?? '')); at += 1) {
      if (input[at] === '"') {
        open = !open;
        quotedFrom = Math.min(quotedFrom, text.length);
      } else text += input[at];
    }
    const word: Word = { from, to: at, raw: input.slice(start, at), text, quotedFrom, not };
    if (open) mistaken(word, 'The quote is never closed.');
    yield word;
  }
}

function condition(
  filter: Filter,
  word: Word,
  found: RegExpExecArray,
  metrics: string[],
  mistaken: Told,
): void {
  const [head, name = '', sign = ''] = found;
  const written = word.text.slice(head.length);
  const known = metrics.find((metric) => metric.toLowerCase() === name.toLowerCase());
  if (known === undefined) {
    const near = nearest(name, metrics);
    const there = metrics.length > 0 ? ` There are: ${listed(metrics)}.` : ' No version has a metric yet.';
    mistaken(word, `There is no metric “${name}”.${near ? ` Did you mean “${near}”?` : there}`);
    return;
  }
  if (written === '') {
    mistaken(word, `A number is missing after “${name}${sign}”.`);
    return;
  }
  const share = written.endsWith('%');
  const value = Number(share ? written.slice(0, -1).replace(',', '.') : written);
  if (!Number.isFinite(value) || (share && written.length === 1)) {
    mistaken(word, `“${written}” is no number; write for example ${name}${sign}0.9 or ${name}${sign}90%.`);
    return;
  }
  const comparison = sign as Comparison;
  filter.conditions.push({
    kind: 'metric',
    name: known,
    comparison,
    value: share ? value / 100 : value,
    not: word.not,
  });
}

function key(filter: Filter, word: Word, name: string, revisions: string[] | null, mistaken: Told): void {
  const text = word.text.slice(name.length + 1);
  const found =
    KEYS.find((one) => one === name.toLowerCase()) ?? (/^environment$/i.test(name) ? 'env' : undefined);
  if (found === undefined) {
    const near = nearest(name, KEYS);
    // `fix: typo` is how people write subjects.
    if (text === '' && !near) filter.conditions.push({ kind: 'text', text: word.text, not: word.not });
    else {
      const hint = near
        ? `Did you mean “${near}:”?`
        : `There are: ${KEYS.map((one) => `${one}:`).join(', ')}.`;
      mistaken(word, `There is no filter “${name}:”. ${hint} In quotes it is searched for as text.`);
    }
  } else if (text === '') {
    mistaken(word, `${EXPECTED[found]} is missing after “${name}:”.`);
  } else if (found === 'branch' || found === 'touched') {
    if (word.not) mistaken(word, `“${found}:” cannot be turned around with a minus.`);
    else if (filter[found] !== null) mistaken(word, `“${found}:” can stand only once.`);
    else if (found === 'branch' && revisions && !mayBeRevision(text, revisions)) {
      const near = nearest(text, revisions);
      const hint = near ? ` Did you mean “${near}”?` : ` There are: ${listed(revisions)}.`;
      mistaken(word, `There is no branch “${text}”.${hint}`);
    } else filter[found] = text;
  } else filter.conditions.push({ kind: found, text, not: word.not });
}

/** Commit ids, `HEAD~3` and what lies at remotes only the backend can judge. */
function mayBeRevision(text: string, known: string[]): boolean {
  return known.includes(text) || /^[0-9a-f]{4,40}$/i.test(text) || /^HEAD|[/~^@]/.test(text);
}

const EXPECTED: Record<Key, string> = {
  branch: 'The name of a branch',
  touched: 'A path',
  author: 'A name',
  tag: 'A tag',
  env: 'The name of an environment',
};

function listed(names: string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
}

/** The name that somebody who mistyped may have meant. */
function nearest(typed: string, names: readonly string[]): string | null {
  const lower = typed.toLowerCase();
  let [best, distance]: [string | null, number] = [null, Math.max(1, Math.floor(typed.length / 3)) + 1];
  for (const name of names) {
    const away =
      name.toLowerCase().startsWith(lower) && lower.length > 2 ? 1 : changes(lower, name.toLowerCase());
    if (away < distance) [best, distance] = [name, away];
  }
  return best;
}

/** How many letters must change, be added or taken, or swapped with their neighbour, to make one word of another. */
function changes(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let up = 1; up <= one.length; up += 1) {
    const next = [up];
    for (let left = 1; left <= other.length; left += 1) {
      const same = one[up - 1] === other[left - 1] ? 0 : 1;
      let least = Math.min((row[left] ?? 0) + 1, (next[left - 1] ?? 0) + 1, (row[left - 1] ?? 0) + same);
      const swapped = one[up - 1] === other[left - 2] && one[up - 2] === other[left - 1];
      if (swapped && up > 1 && left > 1) least = Math.min(least, (before[left - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? 0;
}

/** Whether a version passes. What it has not measured holds for no comparison. */
export function passes(subject: Subject, conditions: Condition[]): boolean {
  return conditions.every((condition) => holds(subject, condition) !== condition.not);
}

function holds(subject: Subject, condition: Condition): boolean {
  if (condition.kind === 'metric') {
    const value = subject.metrics[condition.name]?.value;
    return typeof value === 'number' && compares(value, condition.comparison, condition.value);
  }
  const wanted = condition.text.toLowerCase();
  const has = (text: string): boolean => text.toLowerCase().includes(wanted);
  switch (condition.kind) {
    case 'author':
      return has(subject.author);
    case 'tag':
      return subject.tags.some(has);
    case 'env':
      return subject.environments.some(has);
    case 'text':
      return has(subject.subject) || (wanted.length >= 4 && subject.commit.startsWith(wanted));
  }
}

function compares(value: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '=':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}
