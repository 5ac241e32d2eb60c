import type { DeploymentEntry, EnvironmentState, Promoted } from '$generated/bindings';

export type EntryKind = 'promotion' | 'rollback' | 'by_hand';

/** One step of an environment's timeline. */
export interface Step {
  entry: DeploymentEntry;
  kind: EntryKind;
  /** It is what the environment desires now. */
  desired: boolean;
  /** From when to when it was desired, in milliseconds; null where nobody can tell. `null` end: it still is. */
  from: number | null;
  until: number | null;
}

/** Promotions and rollbacks of a place, with the commits by hand among them, newest first. */
export function timeline(state: EnvironmentState, byHand: DeploymentEntry[]): Step[] {
  const { history } = state;
  const steps = history.map((entry, index): Step => {
    const after = history[index - 1];
    const desired = state.desired !== null && state.desired.commit === entry.commit;
    const from = instant(entry.time);
    const ended = after ? instant(after.time) : null;
    // The newest that is not desired was ended by no promotion: when is not known.
    const known = after ? ended !== null : desired;
    return {
      entry,
      kind: entry.promoted ? (entry.promoted.action === 'rollback' ? 'rollback' : 'promotion') : 'by_hand',
      desired,
      from: known ? from : null,
      until: ended,
    };
  });
  const others = byHand.map((entry): Step => ({
    entry,
    kind: 'by_hand',
    desired: false,
    from: null,
    until: null,
  }));
  return merged(steps, others);
}

/** Both are newest first and stay in their own order. */
function merged(one: Step[], other: Step[]): Step[] {
  const all: Step[] = [];
  let [a, b] = [0, 0];
  while (a < one.length || b < other.length) {
    const [first, second] = [one[a], other[b]];
    const takesOther =
      !first || (second && (instant(second.entry.time) ?? 0) >= (instant(first.entry.time) ?? 0));
    const next = takesOther ? second : first;
    if (!next) break;
    all.push(next);
    if (takesOther) b += 1;
    else a += 1;
  }
  return all;
}

function instant(time: string): number | null {
  const at = Date.parse(time);
  return Number.isNaN(at) ? null : at;
}

/** How long it was desired, in milliseconds; null where nobody can tell. */
export function lasted(step: Step, now: number): number | null {
  return step.from === null ? null : Math.max(0, (step.until ?? now) - step.from);
}

/** What a rollback from here goes back to; null where there is nothing. `to` null leaves the choice to the backend. */
export function rollbackTarget(state: EnvironmentState): { to: string | null; release: string } | null {
  const [newest] = state.history;
  // What is there was put there by hand, or cannot be read: the newest promotion is what was meant.
  if (newest?.promoted && (state.desired === null || state.desired.commit === null)) {
    return { to: newest.commit, release: newest.promoted.release };
  }
  const before = earlier(state);
  return before && { to: null, release: before.release };
}

/** The newest entry with another release than the one desired now: what a rollback goes back to. */
export function earlier(state: EnvironmentState): Promoted | null {
  const digest = state.desired?.deployment.release_digest ?? state.history[0]?.promoted?.release_digest;
  return (
    state.history.find((entry) => entry.promoted && entry.promoted.release_digest !== digest)?.promoted ??
    null
  );
}
