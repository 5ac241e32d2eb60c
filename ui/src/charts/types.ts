import type { CommandMap } from '$generated/bindings';

export type ChartAnswer = CommandMap['chart']['answer'];
export type ChartRequest = CommandMap['chart']['args']['query'];
export type Sidecar = ChartAnswer['sidecar'];
export type SidecarSeries = Sidecar['series'][number];
export type PlotRect = Sidecar['plotRect'];
export type ScaleKind = Sidecar['xScale'];
/** The horizontal axis. */
export type ChartBy = NonNullable<ChartRequest['by']>;
export type ChartExport = CommandMap['export_chart']['args']['format'];

/** A value to compare with, drawn as a dashed line. */
export interface Pinned {
  label: string;
  value: number;
}

/** A place along x with a letter: a version that was marked. */
export interface ChartMark {
  /** From the oldest version, whatever is zoomed; or the name of a place. */
  x: number | string;
  label: string;
  kind: 'a' | 'b' | 'selected';
}

/** A place that was chosen in a chart. */
export interface ChartPick {
  /** Along x, whatever is zoomed. */
  x: number;
  /** The place's name on an axis of versions. */
  label: string | null;
  /** The series that was hit, if one was near. */
  series: string | null;
}
