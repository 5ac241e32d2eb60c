import { SvelteMap } from 'svelte/reactivity';
import type { CommandMap, TaskSnapshot } from '$generated/bindings';
import { host } from '$host';
import { toasts } from './toasts.svelte';
import { toProblem } from '$host';

type Starter = 'start_clone' | 'start_sample' | 'start_fetch' | 'start_share';

const held = new SvelteMap<string, TaskSnapshot>();
const dismissed = new Set<string>();
const waiting = new Map<string, ((snapshot: TaskSnapshot) => void)[]>();

/** Takes a snapshot in; the newest wins whatever the order they come in. */
export function hearTask(snapshot: TaskSnapshot): void {
  const before = held.get(snapshot.task);
  if (before && before.number > snapshot.number) return;
  if (!dismissed.has(snapshot.task)) held.set(snapshot.task, snapshot);
  if (snapshot.state === 'running') return;
  for (const resolve of waiting.get(snapshot.task) ?? []) resolve(snapshot);
  waiting.delete(snapshot.task);
}

function ended(task: string): Promise<TaskSnapshot> {
  const snapshot = held.get(task);
  if (snapshot && snapshot.state !== 'running') return Promise.resolve(snapshot);
  return new Promise((resolve) => waiting.set(task, [...(waiting.get(task) ?? []), resolve]));
}

/** Long work in the backend: it outlives the window that began it. */
export const tasks = {
  /** Newest first. */
  get all(): TaskSnapshot[] {
    return [...held.values()].sort((one, other) => other.started_at.localeCompare(one.started_at));
  },
  get running(): TaskSnapshot[] {
    return this.all.filter((task) => task.state === 'running');
  },
  get(task: string): TaskSnapshot | undefined {
    return held.get(task);
  },
  /** Resolves when the work has ended, however it ended; rejects with a problem where it could not begin. */
  async start<K extends Starter>(
    name: K,
    args: CommandMap[K]['args'],
    begun?: (task: string) => void,
  ): Promise<TaskSnapshot> {
    const task = await host().call(name, args);
    begun?.(task);
    return ended(task);
  },
  async stop(task: string): Promise<void> {
    try {
      await host().call('stop_task', { task });
    } catch (thrown) {
      toasts.problem(toProblem(thrown));
    }
  },
  async dismiss(task: string): Promise<void> {
    dismissed.add(task);
    held.delete(task);
    try {
      await host().call('dismiss_task', { task });
    } catch (thrown) {
      toasts.problem(toProblem(thrown));
    }
  },
};

/** Forgets every task, for tests. */
export function forgetTasks(): void {
  held.clear();
  dismissed.clear();
  waiting.clear();
}
