import { count, dateTime, duration, number, visible } from '$domain';
import type { ChartBy, Sidecar } from './types';

/** A place along x in words. */
export function placeText(by: ChartBy, x: number, sidecar: Sidecar): string {
  switch (by) {
    case 'commit':
      return visible(sidecar.xLabels?.[Math.round(x)] ?? '');
    case 'time':
      return duration(x * 1_000);
    case 'wall_time':
      return dateTime(new Date(x * 1_000).toISOString());
    case 'epoch':
      return `epoch ${number(x, 5)}`;
    case 'step':
      return `step ${count(x)}`;
  }
}

/** A value as a chart writes it: more digits than an axis. */
export function valueText(value: number): string {
  return number(value, 5);
}
