import { duration } from '$domain';
import { environments } from './messages';
import { lasted, type Step } from './timeline';

const MINUTE_MILLIS = 60_000;

/** How long a step was desired, in words. What still is counts by the minute. */
export function howLong(step: Step, now: number): string {
  const millis = lasted(step, now);
  if (millis === null) return '–';
  if (step.until !== null) return duration(millis);
  if (millis < MINUTE_MILLIS) return environments.page.justNow;
  return environments.page.soFar(duration(Math.floor(millis / MINUTE_MILLIS) * MINUTE_MILLIS));
}
