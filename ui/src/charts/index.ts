export { default as Chart } from './Chart.svelte';
export { default as ChartFor } from './ChartFor.svelte';
export { default as Sparkline } from './Sparkline.svelte';
export { default as Swatch } from './Swatch.svelte';
export { charts } from './messages';
export { NO_CHOICES, readState, writeState, type Asked, type ChartState } from './state';
export type {
  ChartAnswer,
  ChartBy,
  ChartExport,
  ChartMark,
  ChartPick,
  ChartRequest,
  Pinned,
  Sidecar,
  SidecarSeries,
} from './types';
