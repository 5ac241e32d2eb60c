import { untrack } from 'svelte';
import { COMMAND_TAGS, type CommandMap, type Problem, type Tag } from '$generated/bindings';
import { host, toProblem } from '$host';
import { noticeProblem } from './lost.svelte';

type Name = keyof CommandMap;
type Answer<K extends Name> = CommandMap[K]['answer'];
type Args<K extends Name> = CommandMap[K]['args'];

/** A reader waits this long before it is told that loading takes a while. */
const SLOW_MILLIS = 150;
/** Answers nobody looks at that are kept for a quick way back. */
const KEPT_UNWATCHED = 60;

let beginnings = $state(0);

/** Whether something is loaded that nothing can be shown of yet. */
export const loading = {
  get any(): boolean {
    return beginnings > 0;
  },
};

/** One question and its answer, shared by all who ask it. */
class Entry {
  answer = $state.raw<unknown>(undefined);
  problem = $state.raw<Problem | null>(null);
  fetching = $state(false);
  stale = $state(true);
  slow = $state(false);
  watchers = 0;
  #asked = 0;
  #again = false;

  constructor(
    readonly name: Name,
    readonly args: unknown,
    readonly repo: string | null,
  ) {}

  get tags(): Tag[] {
    return COMMAND_TAGS[this.name] ?? [];
  }

  watch(): void {
    this.watchers += 1;
    if (this.stale && !this.fetching) void this.fetch();
  }

  unwatch(): void {
    this.watchers -= 1;
    if (this.watchers === 0) trim();
  }

  /** Something it depends on changed. */
  invalidate(): void {
    this.stale = true;
    if (this.watchers === 0) return;
    if (this.fetching) this.#again = true;
    else void this.fetch();
  }

  async fetch(): Promise<void> {
    const asked = (this.#asked += 1);
    this.fetching = true;
    this.#again = false;
    const timer = setTimeout(() => (this.slow = true), SLOW_MILLIS);
    const first = this.answer === undefined ? 1 : 0;
    beginnings += first;
    try {
      const answer = await host().call(this.name, this.args as never);
      if (asked !== this.#asked) return;
      this.answer = answer;
      this.problem = null;
      this.stale = false;
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.problem = toProblem(thrown);
      this.stale = false;
      noticeProblem(this.repo, this.problem);
    } finally {
      clearTimeout(timer);
      beginnings -= first;
      if (asked === this.#asked) {
        this.fetching = false;
        this.slow = false;
        if (this.#again) void this.fetch();
      }
    }
  }
}

const entries = new Map<string, Entry>();

/** The same text for the same arguments, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

function entryOf(name: Name, args: unknown): Entry {
  const key = `${name} ${canonical(args)}`;
  const found = entries.get(key);
  if (found) {
    // The newest used stands last: trimming begins at the front.
    entries.delete(key);
    entries.set(key, found);
    return found;
  }
  const repo = typeof args === 'object' && args !== null && 'repo' in args ? String(args.repo) : null;
  const made = new Entry(name, args, repo);
  entries.set(key, made);
  return made;
}

function trim(): void {
  const unwatched = [...entries].filter(([, entry]) => entry.watchers === 0);
  for (const [key] of unwatched.slice(0, Math.max(0, unwatched.length - KEPT_UNWATCHED))) entries.delete(key);
}

/** What changed: cached answers that depend on it are asked for again, at once where somebody looks. */
export function freshen(repo: string | null, tags: Tag[]): void {
  for (const entry of entries.values()) {
    const touched = repo === null || entry.repo === null || entry.repo === repo;
    if (touched && entry.tags.some((tag) => tags.includes(tag))) entry.invalidate();
  }
}

/** Forgets every answer, for tests. */
export function forgetAnswers(): void {
  entries.clear();
}

export interface Query<T> {
  /** The newest answer; undefined before the first. */
  readonly data: T | undefined;
  readonly problem: Problem | null;
  /** Nothing to show yet. */
  readonly loading: boolean;
  /** Loading for so long that the user should be told. */
  readonly slow: boolean;
  /** What is shown may be old: a newer answer is on its way. */
  readonly stale: boolean;
  refresh(): void;
}

export interface QueryOptions {
  /** While other arguments load, go on showing the answer to the ones before. */
  keep?: boolean;
}

/** Asks the backend and keeps the answer fresh. Call while a component is made; null arguments ask nothing. */
export function query<K extends Name>(
  name: K,
  args: () => Args<K> | null,
  options: QueryOptions = {},
): Query<Answer<K>> {
  const entry = $derived.by(() => {
    const wanted = args();
    return wanted === null ? null : untrack(() => entryOf(name, wanted));
  });
  let before = $state.raw<Answer<K> | undefined>(undefined);

  $effect(() => {
    const watched = entry;
    if (!watched) return;
    untrack(() => watched.watch());
    return () => untrack(() => watched.unwatch());
  });
  $effect(() => {
    if (options.keep && entry?.answer !== undefined) before = entry.answer as Answer<K>;
  });

  return {
    get data() {
      const own = entry?.answer as Answer<K> | undefined;
      return own === undefined && options.keep && !entry?.problem ? before : own;
    },
    get problem() {
      return entry?.problem ?? null;
    },
    get loading() {
      return entry !== null && this.data === undefined && entry.problem === null;
    },
    get slow() {
      return this.loading && (entry?.slow ?? false);
    },
    get stale() {
      return entry !== null && this.data !== undefined && (entry.stale || entry.fetching);
    },
    refresh() {
      if (entry) void entry.fetch();
    },
  };
}
