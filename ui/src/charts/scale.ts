import type { PlotRect, ScaleKind, Sidecar } from './types';

/** Nothing at or below this has a place on a log scale. */
const LOG_FLOOR = 1e-300;

/** A map from values to pixels and back: the same maths as the pictures are drawn with. */
export interface Scale {
  kind: ScaleKind;
  domain: [number, number];
  range: [number, number];
  pixel(value: number): number;
  value(pixel: number): number;
  /** Whether a value has a place on this scale, inside the domain or not. */
  holds(value: number): boolean;
}

export function makeScale(kind: ScaleKind, domain: [number, number], range: [number, number]): Scale {
  const log = kind === 'log';
  // Halved, so that the span of all there is stays finite.
  const inner = (value: number): number => (log ? Math.log(value) : value / 2);
  const origin = inner(domain[0]);
  const gain = (range[1] - range[0]) / (inner(domain[1]) - origin);
  return {
    kind,
    domain,
    range,
    pixel: (value) => range[0] + (inner(value) - origin) * gain,
    value: (pixel) => {
      const back = origin + (pixel - range[0]) / gain;
      return log ? Math.exp(back) : back * 2;
    },
    holds: (value) => Number.isFinite(value) && (!log || value > LOG_FLOOR),
  };
}

/** Both scales of a picture; y grows upwards. */
export function scalesOf(sidecar: Sidecar): { x: Scale; y: Scale } {
  const rect = sidecar.plotRect;
  return {
    x: makeScale(sidecar.xScale, sidecar.xDomain, [rect.x, rect.x + rect.width]),
    y: makeScale(sidecar.yScale, sidecar.yDomain, [rect.y + rect.height, rect.y]),
  };
}

export function within(rect: PlotRect, x: number): number {
  return Math.min(rect.x + rect.width, Math.max(rect.x, x));
}

/** The range between two pixels, as the backend takes it: whole places on a band, whatever the direction of the drag. */
export function rangeBetween(scale: Scale, one: number, other: number, offset: number): [number, number] {
  const low = scale.value(Math.min(one, other));
  const high = scale.value(Math.max(one, other));
  if (scale.kind !== 'band') return [low, high];
  const places = Math.round(scale.domain[1] - scale.domain[0]);
  const clamp = (place: number): number => Math.min(places - 1, Math.max(0, Math.round(place)));
  return [clamp(low) + offset, clamp(high) + offset];
}
