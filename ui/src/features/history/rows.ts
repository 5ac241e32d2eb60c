import type { CommandMap } from '$generated/bindings';
import { passes, type Condition } from './filter';
import { lanesOf, type LaneRow } from './lanes';

type History = CommandMap['history']['answer'];
export type Version = History['commits'][number];
export type VersionMetric = Version['metrics'][string];

/** Lanes that are drawn; more are counted. */
export const LANES = 6;

/** A row of the table. */
export interface VersionRow {
  version: Version;
  /** From the newest, before anything is left out. */
  place: number;
  /** Null where the list is in another order or has gaps. */
  lane: LaneRow | null;
}

/** The versions that pass, in the order that is wanted: by a metric, where one is named, else as they follow. */
export function rowsOf(
  versions: Version[],
  conditions: Condition[],
  sort: { column: string; descending: boolean } | null,
  whole: boolean,
): VersionRow[] {
  const graph = whole && conditions.length === 0 && sort === null ? lanesOf(versions, LANES) : null;
  const rows = versions.map((version, place) => ({ version, place, lane: graph?.[place] ?? null }));
  const passing = conditions.length > 0 ? rows.filter(({ version }) => passes(version, conditions)) : rows;
  return sort ? sorted(passing, sort.column, sort.descending) : passing;
}

/** What has no value comes last either way; equals stay as they follow. */
function sorted(rows: VersionRow[], metric: string, descending: boolean): VersionRow[] {
  const value = (row: VersionRow): number | null => row.version.metrics[metric]?.value ?? null;
  return rows.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || one.place - other.place;
    return (descending ? b - a : a - b) || one.place - other.place;
  });
}

/** Which side a marked version is; a check while it is the only one. */
export type Letter = 'A' | 'B' | '✓';

/** The marked versions, the older first: that is A. */
export function pairOf(marks: string[], versions: Version[]): { a: Version; b: Version } | null {
  const [a, b] = marked(marks, versions).toSorted((one, other) => other.place - one.place);
  return a && b ? { a: a.version, b: b.version } : null;
}

/** The marked versions that are in the list, in the order they were marked. */
export function marked(marks: string[], versions: Version[]): { version: Version; place: number }[] {
  return marks.flatMap((mark) => {
    const place = versions.findIndex(({ commit }) => commit === mark);
    const version = versions[place];
    return version ? [{ version, place }] : [];
  });
}

/** With one more mark, or without it: two at most, the oldest mark makes room. */
export function toggled(marks: string[], commit: string): string[] {
  return marks.includes(commit) ? marks.filter((mark) => mark !== commit) : [...marks, commit].slice(-2);
}
