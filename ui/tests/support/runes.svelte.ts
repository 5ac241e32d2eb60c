import { flushSync } from 'svelte';

/** Runs `make` as a component would, and takes it down at the end. */
export function scope<T>(make: () => T): { value: T; end: () => void } {
  let value: T | undefined;
  const end = $effect.root(() => {
    value = make();
  });
  flushSync();
  return { value: value as T, end };
}

/** A value that a test changes and runes follow. */
export function source<T>(initial: T): { value: T } {
  let value = $state.raw(initial);
  return {
    get value() {
      return value;
    },
    set value(next) {
      value = next;
      flushSync();
    },
  };
}
