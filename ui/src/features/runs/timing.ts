import type { LiveRun } from '$generated/bindings';
import { number } from '$domain/format';
import { runs } from './messages';

type Eta = NonNullable<LiveRun['eta']>;

/** How much longer, as a range a person can use: `2–3 min left`. */
export function etaWords(eta: Eta | null | undefined): string {
  if (!eta) return '';
  const [low, high] = [Math.min(eta.low_millis, eta.high_millis), Math.max(eta.low_millis, eta.high_millis)];
  if (high < 5_000) return 'a few seconds left';
  if (high < 90_000) return rangeWords(Math.floor(low / 5_000) * 5, Math.ceil(high / 5_000) * 5, 's');
  if (high < 90 * 60_000) return rangeWords(Math.floor(low / 60_000), Math.ceil(high / 60_000), 'min');
  const halves = (millis: number, round: (value: number) => number): number => round(millis / 1_800_000) / 2;
  return rangeWords(halves(low, Math.floor), halves(high, Math.ceil), 'h');
}

function rangeWords(low: number, high: number, unit: string): string {
  if (low <= 0) return `up to ${high} ${unit} left`;
  return low === high ? `about ${high} ${unit} left` : `${low}–${high} ${unit} left`;
}

/** Its pace: `121 steps/s`, or `2.4 s a step` where it is slow. */
export function paceWords(stepsPerSecond: number | null | undefined): string {
  if (stepsPerSecond === null || stepsPerSecond === undefined || !(stepsPerSecond > 0)) return '';
  return stepsPerSecond >= 1
    ? runs.running.pace(number(stepsPerSecond, 3))
    : runs.running.slow(number(1 / stepsPerSecond, 2));
}

/** How much longer a run takes; nothing while it ends. */
export function leftWords(live: Pick<LiveRun, 'eta' | 'stopping' | 'phase'> | undefined): string {
  const ending = !live || live.stopping || (live.phase !== null && live.phase !== 'training');
  return ending ? '' : etaWords(live.eta);
}
