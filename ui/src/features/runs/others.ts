import { runId, sha, visible } from '$domain/format';
import type { Experiment, ForeignRun, ForeignStatus, Orphan, OtherRuns } from '$generated/bindings';

/** Whose record a run is. */
export type Source = 'mlflow' | 'dvc';

export interface OtherMetric {
  value: number | null;
  /** What it is where it is no number: `NaN`. */
  why: string | null;
}

/** A run or experiment of another tool in the list. */
export interface OtherRow {
  /** What compare knows it by. */
  word: string;
  source: Source;
  name: string;
  /** Null for experiments: they are versions. */
  status: ForeignStatus | null;
  deleted: boolean;
  commit: string | null;
  orphan: Orphan | null;
  /** The version an experiment was tried on, where it is here. */
  base: string | null;
  group: string;
  metrics: Record<string, OtherMetric | undefined>;
  /** As texts. */
  params: Record<string, string | undefined>;
  started: string | null;
}

export function rowsOf(others: OtherRuns | undefined): OtherRow[] {
  if (!others) return [];
  const runs = others.foreign_runs.map(ofMlflow);
  // What was thrown away is in nobody's way.
  const kept = runs.toSorted((one, other) => Number(one.deleted) - Number(other.deleted));
  return [...kept, ...others.experiments.map(ofDvc)];
}

function ofMlflow(run: ForeignRun): OtherRow {
  return {
    word: run.id,
    source: 'mlflow',
    name: run.name ?? run.id.slice(0, 8),
    status: run.status,
    deleted: run.deleted,
    commit: run.commit,
    orphan: run.orphan,
    base: null,
    group: run.experiment,
    metrics: Object.fromEntries(
      Object.entries(run.metrics).map(([name, one]) => [
        name,
        { value: one?.value ?? null, why: one?.why ?? null },
      ]),
    ),
    params: run.params,
    started: run.started,
  };
}

function ofDvc(experiment: Experiment): OtherRow {
  return {
    word: experiment.reference,
    source: 'dvc',
    name: experiment.name,
    status: null,
    deleted: false,
    commit: experiment.commit,
    orphan: null,
    base: experiment.base_known ? experiment.base : null,
    group: sha(experiment.base),
    metrics: Object.fromEntries(
      Object.entries(experiment.metrics).map(([name, one]) => [
        name,
        { value: one?.value ?? null, why: one?.why ?? null },
      ]),
    ),
    params: Object.fromEntries(
      Object.entries(experiment.params).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
    started: experiment.time,
  };
}

/** Every metric of the rows: those most rows have first. */
export function metricsOf(rows: OtherRow[]): string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of rows)
    for (const name of Object.keys(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.keys()].sort(
    (one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0) || one.localeCompare(other),
  );
}

/** Parameters that differ among the rows: what somebody tried. */
export function triedOf(rows: OtherRow[]): string[] {
  const names = new Set(rows.flatMap(({ params }) => Object.keys(params)));
  return [...names].filter((name) => new Set(rows.map(({ params }) => params[name])).size > 1).sort();
}

/** Whether every word occurs in what a row shows. */
export function fits(row: OtherRow, subject: string | undefined, words: string[]): boolean {
  const told = [row.word, row.name, row.status ?? '', row.commit ?? '', row.group, subject ?? ''];
  const text = told.join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

export interface Sorting {
  column: string;
  descending: boolean;
}

/** Rows in order; what has no value stands last whichever way. */
export function sorted(rows: OtherRow[], sorting: Sorting | null): OtherRow[] {
  if (!sorting) return rows;
  const way = sorting.descending ? -1 : 1;
  const valueOf = (row: OtherRow): number | string | null => {
    if (sorting.column === 'started') return row.started;
    if (sorting.column === 'name') return row.name;
    return row.metrics[sorting.column]?.value ?? null;
  };
  return rows.toSorted((one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return a < b ? -way : a > b ? way : 0;
  });
}

/** Words of a list in an address; names of refs may hold commas. */
export const readMarks = (word: string | null): string[] =>
  (word ?? '').split(',').filter(Boolean).map(decodeURIComponent).slice(0, 2);
export const writeMarks = (marks: string[]): string | null =>
  marks.map((mark) => mark.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',') || null;

/** A marked run of whatever source, in few letters. */
export function markName(word: string, rows: OtherRow[]): string {
  const row = rows.find((one) => one.word === word);
  return row ? visible(row.name) : runId(word);
}

/** Whether an id is one of ours, or a beginning of one. */
export const isOurs = (id: string): boolean => /^[0-9A-HJKMNP-TV-Z]{4,26}$/.test(id);
