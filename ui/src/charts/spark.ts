interface Point {
  x: number;
  y: number;
}

export interface Spark {
  pieces: string[];
  /** Values without a neighbour. */
  alone: Point[];
  last: Point | null;
  baseline: number | null;
}

const EDGE = 2.5;

/** A line of numbers as small as a word; gaps stay gaps, and of many the lowest and highest of each pixel are kept. */
export function sparkPoints(
  values: (number | null)[],
  baseline: number | null,
  width: number,
  height: number,
): Spark {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return { pieces: [], alone: [], last: null, baseline: null };
  const step = values.length > 1 ? (width - 2 * EDGE) / (values.length - 1) : 0;
  const start = values.length > 1 ? EDGE : width / 2;
  const span = high - low;
  const y = (value: number): number =>
    span > 0 ? height - EDGE - ((value - low) / span) * (height - 2 * EDGE) : height / 2;

  const runs: Point[][] = [];
  let open = false;
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      open = false;
      return;
    }
    const point = { x: start + index * step, y: y(value) };
    if (open) runs.at(-1)?.push(point);
    else runs.push([point]);
    open = true;
  });
  const write = (run: Point[]): string =>
    thinned(run)
      .map((point) => `${round(point.x)},${round(point.y)}`)
      .join(' ');
  return {
    pieces: runs.filter((run) => run.length > 1).map(write),
    alone: runs.flatMap((run) => (run.length === 1 && run[0] ? [run[0]] : [])),
    last: runs.at(-1)?.at(-1) ?? null,
    baseline: baseline !== null && span > 0 && baseline >= low && baseline <= high ? y(baseline) : null,
  };
}

/** First, lowest, highest and last of each pixel column. */
function thinned(run: Point[]): Point[] {
  if (run.length < 200) return run;
  const columns = new Map<number, Point[]>();
  for (const point of run) {
    const column = Math.floor(point.x);
    const held = columns.get(column);
    if (held) held.push(point);
    else columns.set(column, [point]);
  }
  return [...columns.values()].flatMap((points) => {
    const lowest = points.reduce((one, other) => (other.y > one.y ? other : one));
    const highest = points.reduce((one, other) => (other.y < one.y ? other : one));
    const kept = [points[0], lowest, highest, points.at(-1)];
    return points.filter((point) => kept.includes(point));
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
