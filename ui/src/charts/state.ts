import type { ChartBy, ChartRequest } from './types';

/** What a user chose for a chart. Whoever shows the chart keeps it, so that it survives a reload. */
export interface ChartState {
  by: ChartBy | null;
  /** Weight of what came before, 0 to 0.99. */
  smooth: number;
  log_x: boolean;
  log_y: boolean;
  x_range: [number, number] | null;
  /** Shown as a table. */
  table: boolean;
  /** Ids of series that are switched off. */
  hidden: string[];
}

export const NO_CHOICES: ChartState = {
  by: null,
  smooth: 0,
  log_x: false,
  log_y: false,
  x_range: null,
  table: false,
  hidden: [],
};

const AXES: ChartBy[] = ['commit', 'step', 'epoch', 'time', 'wall_time'];

/** As few letters as it takes, for an address: `step~s0.6~ly~x10,200`; nothing where nothing was chosen. */
export function writeState(state: ChartState): string {
  const words: string[] = [];
  if (state.by) words.push(state.by);
  if (state.smooth > 0) words.push(`s${state.smooth}`);
  if (state.log_x) words.push('lx');
  if (state.log_y) words.push('ly');
  if (state.x_range) words.push(`x${state.x_range.map((end) => Number(end.toPrecision(12))).join(',')}`);
  if (state.table) words.push('table');
  for (const id of state.hidden) words.push(`h${id}`);
  return words.map((word) => encodeURIComponent(word).replaceAll('~', '%7E')).join('~');
}

/** Reads what `writeState` wrote; what makes no sense is left out. */
export function readState(text: string | null | undefined): ChartState {
  const state: ChartState = { ...NO_CHOICES, hidden: [] };
  for (const part of (text ?? '').split('~')) {
    const word = decoded(part);
    const axis = AXES.find((by) => by === word);
    if (axis) state.by = axis;
    else if (word === 'lx') state.log_x = true;
    else if (word === 'ly') state.log_y = true;
    else if (word === 'table') state.table = true;
    else if (word.startsWith('s')) state.smooth = smoothing(Number(word.slice(1)));
    else if (word.startsWith('x')) state.x_range = rangeOf(word.slice(1));
    else if (word.startsWith('h')) state.hidden.push(word.slice(1));
  }
  return state;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

export function smoothing(weight: number): number {
  return Number.isFinite(weight) ? Math.min(0.99, Math.max(0, Math.round(weight * 100) / 100)) : 0;
}

function rangeOf(text: string): [number, number] | null {
  const [low, high, ...more] = text.split(',').map(Number);
  if (low === undefined || high === undefined || more.length > 0) return null;
  return Number.isFinite(low) && Number.isFinite(high) && low <= high ? [low, high] : null;
}

/** What is asked of the backend for a chart in this state. */
export type Asked = Partial<ChartRequest> & { metrics: string[] };

/** Metrics of versions, unless runs are named or a metric is only logged in training. */
export function ofVersions(asked: Asked): boolean {
  const logged = (metric: string): boolean => metric.includes('/') || metric === 'learning_rate';
  return (asked.runs ?? []).length === 0 && !asked.metrics.some(logged);
}

/** The whole request: what the caller wants, what the user chose, the room there is. */
export function requestFor(asked: Asked, state: ChartState, width: number, height: number): ChartRequest {
  const by = state.by ?? asked.by ?? null;
  const versions = by === null ? ofVersions(asked) : by === 'commit';
  return {
    runs: [],
    labels: [],
    model: null,
    revision: null,
    y_range: null,
    ...asked,
    by,
    // A choice made for curves does not stand in the way of versions.
    smooth: versions ? 0 : state.smooth,
    log_x: versions || by === 'wall_time' ? false : state.log_x,
    log_y: state.log_y,
    x_range: state.x_range ?? asked.x_range ?? null,
    width,
    height,
  };
}
