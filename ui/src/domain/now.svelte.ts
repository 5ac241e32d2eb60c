import { createSubscriber } from 'svelte/reactivity';

const ticking = createSubscriber((update) => {
  const timer = setInterval(update, 30_000);
  return () => clearInterval(timer);
});

/** The time in milliseconds; what reads it is drawn again twice a minute. */
export function now(): number {
  ticking();
  return Date.now();
}
