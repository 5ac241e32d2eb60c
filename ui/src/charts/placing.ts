export interface Box {
  width: number;
  height: number;
}

/** Where a tooltip goes: beside the cursor, on the other side where it would leave the room, and never out of it. */
export function besideCursor(
  at: { x: number; y: number },
  tip: Box,
  room: Box,
  gap = 12,
): { x: number; y: number } {
  const right = at.x + gap;
  const left = at.x - gap - tip.width;
  const fits = right + tip.width <= room.width;
  const x = fits || left < 0 ? right : left;
  return {
    x: clamp(x, room.width - tip.width),
    y: clamp(at.y - tip.height / 2, room.height - tip.height),
  };
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
