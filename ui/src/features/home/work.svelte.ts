import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { CommandMap, Problem, RepositoryInfo, TaskSnapshot } from '$generated/bindings';
import { toProblem } from '$host';
import { tasks } from '$states';

type Starter = 'start_clone' | 'start_sample';

/** What each task was asked to do, so that it can be tried again; forgotten with the window. */
const asked = new SvelteMap<string, unknown>();

export interface DoorWork<K extends Starter> {
  /** Under way, or ended in a way that must be seen. */
  readonly shown: TaskSnapshot[];
  /** Why it could not even begin. */
  readonly problem: Problem | null;
  readonly starting: boolean;
  start(args: CommandMap[K]['args']): Promise<void>;
  /** What the task was asked; undefined where another window began it. */
  asked(task: string): CommandMap[K]['args'] | undefined;
  clear(): void;
}

function isRepository(answer: unknown): answer is RepositoryInfo {
  return typeof answer === 'object' && answer !== null && 'repo' in answer && 'name' in answer;
}

/** The tasks behind one door, whoever began them. `ondone` hears of those that end well while the door is shown. */
export function doorWork<K extends Starter>(
  starter: K,
  kind: TaskSnapshot['kind'],
  ondone: (info: RepositoryInfo, task: TaskSnapshot) => void,
): DoorWork<K> {
  let problem = $state.raw<Problem | null>(null);
  let starting = $state(false);
  const mine = $derived(tasks.all.filter((task) => task.kind === kind));

  const running = new Set<string>();
  $effect(() => {
    for (const task of mine) {
      if (task.state === 'running') running.add(task.task);
      else if (running.delete(task.task) && task.state === 'done' && isRepository(task.answer)) {
        const info = task.answer;
        untrack(() => ondone(info, task));
      }
    }
  });

  return {
    get shown() {
      return mine.filter((task) => task.state !== 'done');
    },
    get problem() {
      return problem;
    },
    get starting() {
      return starting;
    },
    async start(args) {
      problem = null;
      starting = true;
      try {
        await tasks.start(starter, args, (task) => {
          asked.set(task, args);
          // It may have ended before its first snapshot was seen.
          running.add(task);
          starting = false;
        });
      } catch (thrown) {
        problem = toProblem(thrown);
      } finally {
        starting = false;
      }
    },
    asked: (task) => asked.get(task) as CommandMap[K]['args'] | undefined,
    clear() {
      problem = null;
    },
  };
}
