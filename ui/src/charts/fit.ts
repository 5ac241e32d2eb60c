import type { ChartAnswer } from './types';

/** The values of the series that are shown, with a little room around them; null where there is nothing to fit to. */
export function fittedRange(answer: ChartAnswer, hidden: string[]): [number, number] | null {
  const { series, xDomain, yScale } = answer.sidecar;
  const [first, last] = xDomain;
  let [low, high] = [Infinity, -Infinity];
  for (const one of series) {
    if (hidden.includes(one.id)) continue;
    one.x.forEach((x, index) => {
      if (x < first || x > last) return;
      for (const value of [one.y[index], one.lo[index], one.hi[index]]) {
        if (typeof value !== 'number' || (yScale === 'log' && value <= 0)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    });
  }
  if (!(low <= high)) return null;
  if (yScale === 'log') {
    const pad = Math.max((Math.log(high) - Math.log(low)) * 0.06, low === high ? Math.LN2 : 0);
    return [Math.exp(Math.log(low) - pad), Math.exp(Math.log(high) + pad)];
  }
  const pad = low === high ? Math.max(Math.abs(low) * 0.05, 1e-9) : (high - low) * 0.06;
  const floor = low >= 0 ? 0 : -Infinity;
  return [Math.max(floor, low - pad), high + pad];
}
