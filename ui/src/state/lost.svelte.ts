import { SvelteMap } from 'svelte/reactivity';
import type { Problem } from '$generated/bindings';

const lost = new SvelteMap<string, Problem>();

/** Remembers that a repository is not where it was. */
export function noticeProblem(repo: string | null, problem: Problem): void {
  if (repo !== null && problem.code === 'not_a_repository') lost.set(repo, problem);
}

/** Why the repository cannot be shown; null where it can. */
export function lostRepository(repo: string): Problem | null {
  return lost.get(repo) ?? null;
}

/** It is back, or forgotten. */
export function foundRepository(repo: string): void {
  lost.delete(repo);
}
