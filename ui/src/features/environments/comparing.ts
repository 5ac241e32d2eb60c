import type { EnvironmentState } from '$generated/bindings';
import { visible } from '$domain';
import { environments } from './messages';
import { earlier } from './timeline';

export interface Pair {
  a: string;
  b: string;
}

export interface Comparable {
  label: string;
  pair: Pair;
  /** Why there is nothing to see. */
  hint?: string;
}

/** What an environment can be compared with. The environment stands as the candidate, save against the newest version. */
export function comparables(
  state: EnvironmentState,
  others: EnvironmentState[],
  branch: string | null,
): Comparable[] {
  const words = environments.compare;
  const desired = state.desired?.deployment;
  if (!desired) return [];
  const found: Comparable[] = [];
  for (const other of others) {
    const theirs = other.desired?.deployment;
    if (!theirs || other.model !== state.model || other.environment === state.environment) continue;
    const same = theirs.version === desired.version && theirs.run.id === desired.run.id;
    found.push({
      label: words.environment(visible(other.environment), theirs.release),
      pair: { a: other.environment, b: state.environment },
      ...(same ? { hint: words.same } : {}),
    });
  }
  const before = earlier(state);
  if (before) {
    found.push({ label: words.before(before.release), pair: { a: before.run, b: state.environment } });
  }
  if (branch !== null) {
    found.push({ label: words.newest(visible(branch)), pair: { a: state.environment, b: branch } });
  }
  return found;
}
