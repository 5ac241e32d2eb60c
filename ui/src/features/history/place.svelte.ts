import { readState, writeState, type ChartState } from '$charts';
import type { Sort } from '$design';
import { persisted, router } from '$states';

/** Where the user is in the history: in the address, so that it survives a reload and can be sent. */
export function historyPlace() {
  const word = (key: string): string => router.route.query.get(key) ?? '';
  const set = (key: string, value: string | null): void =>
    router.setQuery({ [key]: value }, { replace: true });
  const marks = $derived(word('marks').split(',').filter(Boolean).slice(-2));
  const chart = $derived(readState(word('chart')));
  return {
    get filter(): string {
      return word('q');
    },
    set filter(next: string) {
      if (next !== word('q')) set('q', next);
    },
    get marks(): string[] {
      return marks;
    },
    set marks(next: string[]) {
      set('marks', next.join(','));
    },
    get sort(): Sort | null {
      const sort = word('sort');
      if (sort === '') return null;
      return sort.startsWith('-')
        ? { column: sort.slice(1), descending: true }
        : { column: sort, descending: false };
    },
    set sort(next: Sort | null) {
      set('sort', next && `${next.descending ? '-' : ''}${next.column}`);
    },
    /** The metric of the chart. */
    get metric(): string | null {
      return word('metric') || null;
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
      return word('version') || null;
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
    chartOpen: persisted(`${key}.chart`, true),
  };
}
