import type { LiveRun } from '$generated/bindings';

type Point = LiveRun['points'][number];

const POSITIONS = new Set(['step', 'epoch', 'wall_millis']);
/** Curves of an epoch that say what a finer curve says too. */
const COARSE = /_epoch$/;

export interface CurveGroup {
  /** What its curves have in common: `loss`, `accuracy`, `learning_rate`. */
  id: string;
  metrics: string[];
}

/** The curves of a log, those of one quantity together: loss first, the learning rate last. */
export function curveGroups(points: Point[]): CurveGroup[] {
  const names = new Set<string>();
  for (const point of points)
    for (const name of Object.keys(point)) if (!POSITIONS.has(name)) names.add(name);
  const groups = new Map<string, string[]>();
  for (const name of [...names].sort(bySplit)) {
    const quantity = name.slice(name.indexOf('/') + 1);
    if (COARSE.test(quantity) && names.has(name.replace(COARSE, ''))) continue;
    groups.set(quantity, [...(groups.get(quantity) ?? []), name]);
  }
  const rank = (id: string): number => (id === 'loss' ? 0 : id === 'learning_rate' ? 2 : 1);
  return [...groups]
    .map(([id, metrics]) => ({ id, metrics }))
    .sort((one, other) => rank(one.id) - rank(other.id) || (one.id < other.id ? -1 : 1));
}

/** Train before validation: its colour stays the same while validation is not there yet. */
function bySplit(one: string, other: string): number {
  const rank = (name: string): number => (name.startsWith('train/') ? 0 : 1);
  return rank(one) - rank(other) || (one < other ? -1 : 1);
}

/** One curve's values, its gaps left out: for a spark. */
export function valuesOf(points: Point[], metric: string): number[] {
  return points.flatMap((point) => {
    const value = point[metric];
    return typeof value === 'number' && Number.isFinite(value) ? [value] : [];
  });
}
