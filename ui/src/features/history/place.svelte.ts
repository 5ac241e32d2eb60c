import { readState, writeState, type ChartState } from '$charts';
import type { Sort } from '$design';
import { persisted, router } from '$states';

/** Where the user is in the history: in the address, so that it survives a reload and can be sent. */
export function historyPlace() {
  const word = (key: string): string => router.route.query.get(key) ?? '';
  const set = (key: string, value: string | null): void =>
    router.setQuery({ [key]: value }, { replace: true });
  // Word by word: what depends on one of them is not made anew when another changes.
  const filter = $derived(word('q'));
  const marked = $derived(word('marks'));
  const marks = $derived(marked.split(',').filter(Boolean).slice(-2));
  const sorted = $derived(word('sort'));
  const sort = $derived<Sort | null>(
    sorted === '' ? null : { column: sorted.replace(/^-/, ''), descending: sorted.startsWith('-') },
  );
  const metric = $derived(word('metric'));
  const drawn = $derived(word('chart'));
  const chart = $derived(readState(drawn));
  const version = $derived(word('version'));
  return {
    get filter(): string {
      return filter;
    },
    set filter(next: string) {
      if (next !== filter) set('q', next);
    },
    get marks(): string[] {
      return marks;
    },
    set marks(next: string[]) {
      set('marks', next.join(','));
    },
    get sort(): Sort | null {
      return sort;
    },
    set sort(next: Sort | null) {
      set('sort', next && `${next.descending ? '-' : ''}${next.column}`);
    },
    /** The metric of the chart. */
    get metric(): string | null {
      return metric || null;
    },
    set metric(next: string | null) {
      router.setQuery({ metric: next, chart: null }, { replace: true });
    },
    get chart(): ChartState {
      return chart;
    },
    set chart(next: ChartState) {
      set('chart', writeState(next));
    },
    /** The version whose details are open. */
    get version(): string | null {
      return version || null;
    },
    set version(next: string | null) {
      set('version', next);
    },
  };
}

export type HistoryPlace = ReturnType<typeof historyPlace>;

/** What is kept for a model of a repository in this window. */
export function historyChoices(repo: string, model: string | null) {
  const key = `history.${repo}.${model ?? ''}`;
  return {
    /** Metric columns; null where nobody chose. */
    metrics: persisted<string[] | null>(`${key}.metrics`, null),
    /** Parameter columns; null where nobody chose. */
    params: persisted<string[] | null>(`${key}.params`, null),
    chartOpen: persisted(`${key}.chart`, true),
  };
}
