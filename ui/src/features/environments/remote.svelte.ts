import type { Problem, TaskSnapshot } from '$generated/bindings';
import { toProblem } from '$host';
import { tasks } from '$states';

export interface RemoteWork {
  readonly busy: boolean;
  readonly problem: Problem | null;
  /** It was stopped by somebody. */
  readonly stopped: boolean;
  start(): Promise<void>;
}

/** Fetches or shares, and keeps why it failed on the page. One that somebody else began counts too. */
export function remoteWork(kind: 'fetch' | 'share', repo: () => string): RemoteWork {
  let problem = $state.raw<Problem | null>(null);
  let ended = $state.raw<TaskSnapshot | null>(null);
  let starting = $state(false);
  return {
    get busy() {
      return starting || tasks.running.some((task) => task.kind === kind && task.repo === repo());
    },
    get problem() {
      return problem ?? ended?.problem ?? null;
    },
    get stopped() {
      return ended?.state === 'stopped';
    },
    async start() {
      if (this.busy) return;
      problem = ended = null;
      starting = true;
      try {
        const args = { repo: repo(), remote: null };
        ended = await tasks.start(kind === 'fetch' ? 'start_fetch' : 'start_share', args);
      } catch (thrown) {
        problem = toProblem(thrown);
      } finally {
        starting = false;
      }
    },
  };
}
