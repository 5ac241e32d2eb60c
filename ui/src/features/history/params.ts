import { visible } from '$domain/format';
import type { Version } from './rows';

/** Parameters shown where nobody chose. */
const USUAL = 2;

/** What became of a parameter since the version before, as texts; null where one has none. */
export interface ParamChange {
  before: string | null;
  now: string | null;
}

/** A value as its file has it: a text stays as it is, lists and maps as JSON. */
export function paramText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const same = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** Every parameter the versions have: those that change most often first. */
export function paramsOf(versions: Version[]): string[] {
  const values = new Map<string, { last: unknown; changes: number }>();
  for (const { params } of versions) {
    for (const [name, value] of Object.entries(params ?? {})) {
      const known = values.get(name);
      if (!known) values.set(name, { last: value, changes: 0 });
      else if (!same(known.last, value)) values.set(name, { last: value, changes: known.changes + 1 });
    }
  }
  return [...values]
    .sort(([one, a], [other, b]) => b.changes - a.changes || one.localeCompare(other))
    .map(([name]) => name);
}

/** The chosen parameters that are there; the first few that change where none was chosen. */
export function shownParams(available: string[], versions: Version[], chosen: string[] | null): string[] {
  if (chosen !== null) return available.filter((name) => chosen.includes(name));
  const changes = (name: string): boolean => {
    const known = versions.flatMap(({ params }) => (params && name in params ? [params[name]] : []));
    return known.some((value) => !same(value, known[0]));
  };
  return available.filter(changes).slice(0, USUAL);
}

/** What became of a parameter since a version's first parent; null where nothing did, or the parent is not known. */
export function paramChange(
  version: Version,
  name: string,
  byCommit: ReadonlyMap<string, Version>,
): ParamChange | null {
  const before = byCommit.get(version.parents[0] ?? '')?.params;
  if (!before || !version.params) return null;
  const [was, is] = [before[name], version.params[name]];
  if (same(was, is)) return null;
  const told = (value: unknown): string | null => (value === undefined ? null : visible(paramText(value)));
  return { before: told(was), now: told(is) };
}
