import { rangeBetween, type Scale } from './scale';

/** Half of what is shown, around a pixel. */
export function zoomIn(scale: Scale, around: number | null, offset: number): [number, number] {
  const [from, to] = scale.range;
  const quarter = (to - from) / 4;
  const middle = Math.min(to - quarter, Math.max(from + quarter, around ?? (from + to) / 2));
  return rangeBetween(scale, middle - quarter, middle + quarter, offset);
}

/** Twice what is shown; null where that is everything. */
export function zoomOut(
  scale: Scale,
  offset: number,
  whole: [number, number] | null,
): [number, number] | null {
  const [from, to] = scale.range;
  const half = (to - from) / 2;
  return inside(beyond(scale, from - half, to + half, offset), whole);
}

/** As much as is shown, half of it further. */
export function pan(
  scale: Scale,
  direction: -1 | 1,
  offset: number,
  whole: [number, number] | null,
): [number, number] {
  const [from, to] = scale.range;
  const half = ((to - from) / 2) * direction;
  const moved = beyond(scale, from + half, to + half, offset);
  if (!whole) return moved;
  // At an end the view stays as wide as it is.
  if (moved[0] < whole[0]) return atEnd(scale, whole[0], 1, offset, moved);
  if (moved[1] > whole[1]) return atEnd(scale, whole[1], -1, offset, moved);
  return moved;
}

function atEnd(
  scale: Scale,
  end: number,
  side: 1 | -1,
  offset: number,
  moved: [number, number],
): [number, number] {
  if (scale.kind === 'band') {
    const places = moved[1] - moved[0];
    return side === 1 ? [end, end + places] : [end - places, end];
  }
  const pixel = scale.pixel(end - offset);
  const width = scale.range[1] - scale.range[0];
  return side === 1 ? [end, scale.value(pixel + width) + offset] : [scale.value(pixel - width) + offset, end];
}

/** Places between two pixels that may lie outside of what is shown. */
function beyond(scale: Scale, from: number, to: number, offset: number): [number, number] {
  const [low, high] = [scale.value(from) + offset, scale.value(to) + offset];
  if (scale.kind !== 'band') return [low, high];
  const first = Math.max(0, Math.round(low + 0.5));
  return [first, Math.max(first, Math.round(high - 0.5))];
}

function inside(range: [number, number], whole: [number, number] | null): [number, number] | null {
  if (!whole) return range;
  const cut: [number, number] = [Math.max(range[0], whole[0]), Math.min(range[1], whole[1])];
  return cut[0] <= whole[0] && cut[1] >= whole[1] ? null : cut;
}
