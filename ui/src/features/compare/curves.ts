import type { Curve } from '$generated/bindings';

/** Which sides logged a metric. */
export interface Logged {
  metric: string;
  a: boolean;
  b: boolean;
}

const FIRST = ['validation/', 'train/'];

function rank({ metric }: Logged, headline: string | null): number {
  if (metric === `validation/${headline ?? ''}`) return 0;
  if (metric === 'validation/loss') return 1;
  const place = FIRST.findIndex((beginning) => metric.startsWith(beginning));
  return place === -1 ? 9 : 2 + place;
}

/** The curves there are: what was validated first, then training, then settings such as the learning rate. */
export function logged(curves: readonly Curve[], headline: string | null): Logged[] {
  const has = (values: readonly (number | null)[]): boolean => values.some((value) => value !== null);
  return curves
    .map(({ metric, a, b }) => ({ metric, a: has(a), b: has(b) }))
    .filter(({ a, b }) => a || b)
    .sort(
      (one, other) => rank(one, headline) - rank(other, headline) || (one.metric < other.metric ? -1 : 1),
    );
}
