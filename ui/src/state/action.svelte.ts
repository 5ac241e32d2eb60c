import type { CommandMap, Problem } from '$generated/bindings';
import { host, toProblem } from '$host';
import { noticeProblem } from './lost.svelte';

type Name = keyof CommandMap;

export interface Action<K extends Name> {
  /** The answer, or undefined where it failed: `problem` then says why. */
  run(args: CommandMap[K]['args']): Promise<CommandMap[K]['answer'] | undefined>;
  readonly pending: boolean;
  readonly problem: Problem | null;
  clear(): void;
}

/** A write the user asks for: one at a time, its failure kept until cleared or tried again. */
export function action<K extends Name>(name: K): Action<K> {
  let running = $state(0);
  let problem = $state.raw<Problem | null>(null);
  return {
    async run(args) {
      running += 1;
      problem = null;
      try {
        return await host().call(name, args);
      } catch (thrown) {
        problem = toProblem(thrown);
        noticeProblem('repo' in args ? String(args.repo) : null, problem);
        return undefined;
      } finally {
        running -= 1;
      }
    },
    get pending() {
      return running > 0;
    },
    get problem() {
      return problem;
    },
    clear() {
      problem = null;
    },
  };
}
