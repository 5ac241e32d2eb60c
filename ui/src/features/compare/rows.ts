import type { ComparedSides, Direction, MetricChange, MetricInfo, SliceChange } from '$generated/bindings';
import { metricInfo, metricLabel, visible } from '$domain/format';
import { GRADES } from '$domain/words';
import { unitOf, type Spread } from './reach';
import { messages } from './messages';

/** One line of a table of changes. */
export interface ChangeRow extends Spread {
  id: string;
  name: string;
  /** A few words more under the name. */
  detail?: string;
  direction: Direction | null;
  a: number | null;
  b: number | null;
  why?: string | null;
  p?: number | null;
  p_holm?: number | null;
  metric: Pick<MetricInfo, 'is_share'> | undefined;
  /** Bars of one unit share one scale. */
  unit: string;
  examples?: number;
  decides?: boolean;
}

const CLASS_SHARES = ['precision', 'recall', 'f1'];

/** How a metric's numbers are written; those of a class are in no catalogue. */
function infoOf(name: string, catalogue: MetricInfo[] | undefined): Pick<MetricInfo, 'is_share'> | undefined {
  return metricInfo(name, catalogue) ?? (CLASS_SHARES.includes(name) ? { is_share: true } : undefined);
}

/** A metric's name; precision, recall and F1 of a class have none of their own in the catalogue. */
export function nameOf(metric: string, catalogue: MetricInfo[] | undefined): string {
  return messages.metrics.measures[metric] ?? visible(metricLabel(metric, catalogue));
}

export function metricRow(
  change: MetricChange,
  catalogue: MetricInfo[] | undefined,
  headline: string | null,
): ChangeRow {
  const { name, direction, a, b, low, high, verdict, why, p, p_holm } = change;
  const metric = infoOf(name, catalogue);
  return {
    id: name,
    name: nameOf(name, catalogue),
    direction,
    a,
    b,
    change: change.change,
    low,
    high,
    verdict,
    why: why ?? null,
    p,
    p_holm,
    metric,
    unit: unitOf(name, metric),
    decides: name === headline,
  };
}

type Origins = ComparedSides['a_origins'];

function placeOf(origin: Origins[string] | undefined): string | null {
  if (!origin) return null;
  const grade = GRADES[origin.grade].word.toLowerCase();
  const place =
    origin.source === 'file'
      ? visible(origin.file ?? '')
      : origin.source === 'mlflow'
        ? messages.origin.mlflow
        : null;
  if (place === null) return null;
  return [place, grade, origin.not_finite].filter(Boolean).join(', ');
}

/** Where a metric's numbers come from, and what they rest on; nothing where runs of ours have them. */
export function originText(
  name: string,
  sides: Pick<ComparedSides, 'a_origins' | 'b_origins'>,
): string | null {
  const [a, b] = [placeOf(sides.a_origins[name]), placeOf(sides.b_origins[name])];
  if (a === null && b === null) return null;
  return a === b && a !== null ? messages.origin.both(a) : messages.origin.each(a, b);
}

export function classRow(
  change: MetricChange,
  catalogue: MetricInfo[] | undefined,
  support: number | undefined,
): ChangeRow {
  const row = metricRow(change, catalogue, null);
  const name = visible(change.class ?? '');
  return { ...row, id: name, name, ...(support === undefined ? {} : { examples: support }) };
}

export function sliceRow(
  slice: SliceChange,
  catalogue: MetricInfo[] | undefined,
  usual: string | null,
): ChangeRow {
  const { column, value, metric: measured, examples, a, b, change, low, high, verdict, why } = slice;
  const metric = infoOf(measured, catalogue);
  return {
    id: JSON.stringify([column, value]),
    name: `${visible(column)} = ${visible(value)}`,
    ...(measured === usual ? {} : { detail: nameOf(measured, catalogue) }),
    direction: null,
    a,
    b,
    change,
    low,
    high,
    verdict,
    why: why ?? null,
    metric,
    unit: unitOf(measured, metric),
    examples,
  };
}
