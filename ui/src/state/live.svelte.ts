import type { LiveRun, LiveSamples, Problem } from '$generated/bindings';
import { host, toProblem } from '$host';

/** Lines of a log that are kept for the window; the whole is in the run. */
const LOG_LINES = 2_000;

type Listener = (samples: LiveSamples) => void;
const listeners = new Set<Listener>();

/** Hands a batch of samples to whoever follows its run. */
export function hearSamples(samples: LiveSamples): void {
  for (const listener of [...listeners]) listener(samples);
}

/** What is held, with a batch applied; null where batches in between are missing. */
export function applied(held: LiveRun, samples: LiveSamples): LiveRun | null {
  if (samples.number <= held.number) return held;
  if (samples.from !== held.number) return null;
  return {
    ...held,
    number: samples.number,
    state: samples.ended ?? held.state,
    phase: samples.phase ?? held.phase,
    plan: samples.plan ?? held.plan,
    points: samples.points.length > 0 ? held.points.concat(samples.points) : held.points,
    log: samples.log.length > 0 ? held.log.concat(samples.log).slice(-LOG_LINES) : held.log,
    stopping: samples.stopping,
    elapsed_millis: samples.elapsed_millis,
    steps_per_second: samples.steps_per_second,
    eta: samples.eta,
  };
}

export interface Followed {
  /** The run as it is now; undefined before the first answer. */
  readonly data: LiveRun | undefined;
  readonly problem: Problem | null;
  readonly loading: boolean;
  refresh(): void;
}

type Source<T> = T | (() => T);
const read = <T extends string | null>(source: Source<T>): T =>
  typeof source === 'function' ? source() : source;

/** Follows a run while it goes on. Call while a component is made; a null run follows nothing. */
function follow(repo: Source<string | null>, run: Source<string | null>): Followed {
  let data = $state.raw<LiveRun | undefined>(undefined);
  let problem = $state.raw<Problem | null>(null);
  let refill: () => void = () => undefined;

  $effect(() => {
    const [repository, id] = [read(repo), read(run)];
    if (repository === null || id === null) return;
    let alive = true;
    let asking = false;
    let again = false;
    let held: LiveRun | undefined;

    const ask = async (): Promise<void> => {
      if (asking) {
        again = true;
        return;
      }
      asking = true;
      again = false;
      try {
        const answer = await host().call('live_run', { repo: repository, run: id });
        if (!alive) return;
        if (!held || answer.number >= held.number) held = answer;
        data = held;
        problem = null;
      } catch (thrown) {
        if (alive) problem = toProblem(thrown);
      } finally {
        asking = false;
        if (alive && again) void ask();
      }
    };

    const hear: Listener = (samples) => {
      if (samples.repo !== repository || samples.run !== id) return;
      const next = held && applied(held, samples);
      if (next) {
        held = next;
        data = next;
      } else {
        void ask();
      }
    };

    listeners.add(hear);
    refill = () => void ask();
    void ask();
    return () => {
      alive = false;
      listeners.delete(hear);
      data = undefined;
      problem = null;
    };
  });

  return {
    get data() {
      return data;
    },
    get problem() {
      return problem;
    },
    get loading() {
      return data === undefined && problem === null;
    },
    refresh: () => refill(),
  };
}

export const live = { follow };
