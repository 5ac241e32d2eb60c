import type { CommandMap } from '$generated/bindings';
import type { Version, VersionMetric } from './rows';

type MetricInfo = CommandMap['metrics']['answer'][number];
type Environments = CommandMap['environments']['answer'];

/** Metrics shown where nobody chose. */
const USUAL = 3;

/**
 * Every metric the versions have: first those the manifest declares, in its order, then those most versions have, then
 * in the catalogue's order.
 */
export function metricsOf(versions: Version[], catalogue: MetricInfo[], declared: string[] = []): string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of versions) {
    for (const name of Object.keys(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const rank = new Map(catalogue.map(({ name }, index) => [name, index]));
  const place = (name: string): number => rank.get(name) ?? catalogue.length;
  const said = (name: string): number => (declared.includes(name) ? declared.indexOf(name) : declared.length);
  return [...counts.keys()].sort(
    (one, other) =>
      said(one) - said(other) ||
      (counts.get(other) ?? 0) - (counts.get(one) ?? 0) ||
      place(one) - place(other) ||
      one.localeCompare(other),
  );
}

/** The chosen metrics that are there; the first few where none was chosen. */
export function shownMetrics(available: string[], chosen: string[] | null): string[] {
  if (chosen === null) return available.slice(0, USUAL);
  return available.filter((name) => chosen.includes(name));
}

/** What the versions are held against. */
export interface Against {
  commit: string;
  /** The environment that desires it; null for the newest version. */
  environment: string | null;
  metrics: Record<string, VersionMetric | undefined>;
}

/** What the last environment desires, else the newest version that was measured. */
export function againstOf(versions: Version[], environments: Environments | undefined): Against | null {
  for (const state of (environments?.environments ?? []).toReversed()) {
    if (!state.desired) continue;
    const { version, metrics } = state.desired.deployment;
    const row = versions.find(({ commit }) => commit === version);
    return {
      commit: version,
      environment: state.environment,
      metrics: { ...promoted(metrics), ...row?.metrics },
    };
  }
  const newest = versions.find(({ metrics }) => Object.keys(metrics).length > 0);
  return newest ? { commit: newest.commit, environment: null, metrics: newest.metrics } : null;
}

/** The numbers a deployment was made with, for a version that is not in the list. */
function promoted(metrics: Record<string, number | null | undefined>): Record<string, VersionMetric> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [
      name,
      {
        value: value ?? null,
        low: null,
        high: null,
        run: null,
        source: 'run',
        comparable: null,
      } as VersionMetric,
    ]),
  );
}

/** How far the bars of a column reach: as far as nearly all changes, so that one outlier flattens no other. */
export function reachOf(versions: Version[], metric: string, against: Against | null): number {
  const base = against?.metrics[metric]?.value;
  if (typeof base !== 'number') return 0;
  const sizes = versions
    .flatMap(({ metrics }) => {
      const found = metrics[metric];
      return found && found.comparable !== false && typeof found.value === 'number'
        ? [Math.abs(found.value - base)]
        : [];
    })
    .sort((one, other) => one - other);
  return sizes[Math.floor((sizes.length - 1) * 0.95)] || sizes.at(-1) || 0;
}

/** A version's value against what it is held against. */
export interface Change {
  change: number;
  /** In the metric's good direction from −1 to 1; for a metric without one, in its own. */
  share: number;
  /** Whether the version's interval leaves the other value out: better, worse, or nothing to say. */
  tone: 'better' | 'worse' | null;
}

export function changeOf(
  metric: VersionMetric | undefined,
  base: VersionMetric | undefined,
  direction: MetricInfo['direction'] | undefined,
  reach: number,
): Change | null {
  if (!metric || typeof metric.value !== 'number' || typeof base?.value !== 'number') return null;
  if (metric.comparable === false || (base.comparable === false && metric.test_digest !== base.test_digest))
    return null;
  const change = metric.value - base.value;
  const good = direction === 'lower_is_better' ? -change : change;
  const share = reach > 0 ? Math.max(-1, Math.min(1, good / reach)) : 0;
  const { low, high } = metric;
  const apart =
    typeof low === 'number' && typeof high === 'number' && (low > base.value || high < base.value);
  return { change, share, tone: apart && direction ? (good > 0 ? 'better' : 'worse') : null };
}
