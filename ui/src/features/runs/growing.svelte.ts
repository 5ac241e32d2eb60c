import { untrack } from 'svelte';
import type { Query } from '$states';

const AT_MOST_EVERY_MILLIS = 1_000;
/** An answer that takes long is waited for this many times longer before it is asked for again. */
const PATIENCE = 20;

/** Asks again while something grows: at most once a second, and seldom where the answer takes long. */
export function askedAgain(answer: Query<unknown>, grown: () => number | null): void {
  let known: number | null = null;
  let begun = 0;
  let took = 0;
  $effect(() => {
    const now = grown();
    if (answer.loading || answer.stale) return;
    if (begun > 0 && took === 0) took = Date.now() - begun;
    if (now === null || now === known) return;
    const next = begun + Math.max(AT_MOST_EVERY_MILLIS, took * PATIENCE);
    const timer = setTimeout(
      () => {
        known = now;
        begun = Date.now();
        took = 0;
        untrack(() => answer.refresh());
      },
      Math.max(0, next - Date.now()),
    );
    return () => clearTimeout(timer);
  });
}
