import { router } from '$states';
import { readFilter, writeFilter, type FlipFilter } from './flips';

const word = (key: string): string | null => router.route.query.get(key);

/** What of the screen is in the address and so survives a reload. */
export const place = {
  get section(): string | null {
    return word('section');
  },
  show(section: string): void {
    router.setQuery({ section: section === 'overview' ? null : section });
  },
  get changesOnly(): boolean {
    return word('only') === 'changes';
  },
  set changesOnly(only: boolean) {
    router.setQuery({ only: only ? 'changes' : null }, { replace: true });
  },
  get flips(): FlipFilter {
    return readFilter(word('flips'));
  },
  set flips(filter: FlipFilter) {
    router.setQuery({ flips: writeFilter(filter) || null }, { replace: true });
  },
  /** The example that is open. */
  get example(): string | null {
    return word('example');
  },
  set example(id: string | null) {
    router.setQuery({ example: id }, { replace: true });
  },
  /** The changed file that is open. */
  get file(): string | null {
    return word('file');
  },
  set file(path: string | null) {
    router.setQuery({ file: path }, { replace: true });
  },
  get chart(): string | null {
    return word('chart');
  },
  set chart(state: string | null) {
    router.setQuery({ chart: state }, { replace: true });
  },
};
