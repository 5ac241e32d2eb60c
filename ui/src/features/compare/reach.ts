import type { MetricInfo, Verdict } from '$generated/bindings';

/** What a bar is drawn of: a metric's change or a slice's. */
export interface Spread {
  change: number | null;
  low: number | null;
  high: number | null;
  verdict: Verdict;
}

const FAMILIES: [RegExp, string][] = [
  [/^(roc_auc|average_precision|pr_auc)/, 'ranking'],
  [/^(ece|brier)/, 'calibration'],
  [/^(mcc|cohen_kappa)/, 'agreement'],
  [/^(mae|rmse|median_ae|max_error)$/, 'target'],
  [/^(r2|explained_variance|pearson_r|spearman_rho)$/, 'fit'],
];

/** Metrics whose changes may be held against each other by eye: shares, or what is in the same unit. */
export function unitOf(name: string, info: Pick<MetricInfo, 'is_share'> | undefined): string {
  if (info?.is_share || name === 'precision' || name === 'recall' || name === 'f1') return 'share';
  return FAMILIES.find(([names]) => names.test(name))?.[1] ?? name;
}

/** How far from zero the longest bar reaches; 0 where there is none. */
export function reachOf(spreads: readonly Spread[]): number {
  const ends = spreads.flatMap(({ change, low, high }) => [change, low, high]);
  return ends.reduce<number>(
    (most, end) => (end !== null && Number.isFinite(end) ? Math.max(most, Math.abs(end)) : most),
    0,
  );
}

/** The reach of every unit among rows. */
export function reaches<T extends Spread>(rows: readonly T[], unit: (row: T) => string): Map<string, number> {
  const found = new Map<string, number>();
  for (const row of rows) found.set(unit(row), Math.max(found.get(unit(row)) ?? 0, reachOf([row])));
  return found;
}

export const isClear = (verdict: Verdict): boolean => verdict === 'better' || verdict === 'worse';
