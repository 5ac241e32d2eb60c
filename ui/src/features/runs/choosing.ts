import type { RunSummary } from '$generated/bindings';

/** Columns of metrics a table has room for. */
export const MOST_METRICS = 4;

/** What most people look at first, in this order. */
const FAVOURITES = ['accuracy', 'f1_macro', 'log_loss', 'rmse', 'mae', 'r2', 'roc_auc', 'roc_auc_ovr_macro'];
const FIRST = 3;

/** Every metric that a run here has, in the order of the catalogue. */
export function metricsOf(runs: RunSummary[], catalogue: string[]): string[] {
  const names = new Set(runs.flatMap((run) => Object.keys(run.metrics)));
  const known = catalogue.filter((name) => names.has(name));
  return [...known, ...[...names].filter((name) => !known.includes(name)).sort()];
}

/** The metrics shown: the chosen ones that exist, else the model's own, else those most people look at first. */
export function shownMetrics(available: string[], chosen: string[], own: string[]): string[] {
  const mine = chosen.filter((name) => available.includes(name)).slice(0, MOST_METRICS);
  if (mine.length > 0) return mine;
  const told = own.filter((name) => available.includes(name)).slice(0, FIRST);
  if (told.length > 0) return told;
  const liked = FAVOURITES.filter((name) => available.includes(name));
  return (liked.length > 0 ? liked : available).slice(0, FIRST);
}

/** Marks with a run marked or not: two at most, the older mark gives way. */
export function toggled(marks: string[], run: string): string[] {
  return marks.includes(run) ? marks.filter((mark) => mark !== run) : [...marks, run].slice(-2);
}

export interface Sorting {
  column: string;
  descending: boolean;
}

/** A sorting as a word of the address: `accuracy`, `-started`. */
export function readSorting(word: string | null): Sorting | null {
  if (!word) return null;
  return word.startsWith('-')
    ? { column: word.slice(1), descending: true }
    : { column: word, descending: false };
}

export function writeSorting(sorting: Sorting | null): string | null {
  return sorting ? `${sorting.descending ? '-' : ''}${sorting.column}` : null;
}

/** The next sorting when a column's head is pressed: best first, then the other way, then as it was. */
export function nextSorting(sorting: Sorting | null, column: string, descendsFirst: boolean): Sorting | null {
  if (sorting?.column !== column) return { column, descending: descendsFirst };
  return sorting.descending === descendsFirst ? { column, descending: !descendsFirst } : null;
}

function valueOf(run: RunSummary, column: string): number | string | null {
  switch (column) {
    case 'state':
      return run.status;
    case 'job':
      return run.job;
    case 'seed':
      return run.seed;
    case 'duration':
      return run.duration_millis;
    case 'started':
      return run.started_at;
    case 'version':
      return run.version;
    default:
      return run.metrics[column]?.value ?? null;
  }
}

/** Runs in order; what has no value stands last whichever way. The newest first where values are equal. */
export function sorted(runs: RunSummary[], sorting: Sorting | null): RunSummary[] {
  if (!sorting) return runs;
  const way = sorting.descending ? -1 : 1;
  return [...runs].sort((one, other) => {
    const [a, b] = [valueOf(one, sorting.column), valueOf(other, sorting.column)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return a < b ? -way : a > b ? way : 0;
  });
}

/** Whether every word occurs in what a run shows. */
export function fits(run: RunSummary, subject: string | undefined, words: string[]): boolean {
  if (words.length === 0) return true;
  const seed = run.seed === null ? '' : `seed ${run.seed} seed:${run.seed}`;
  const dirty = run.dirty ? 'uncommitted' : '';
  const text = [
    run.run,
    run.version,
    run.model,
    run.job,
    run.status,
    seed,
    dirty,
    run.cause ?? '',
    run.remote ?? '',
    subject ?? '',
  ]
    .join('\n')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
