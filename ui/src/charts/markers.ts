const DIAGONAL = Math.SQRT1_2;

type Point = [number, number];

function plus(arm: number, bar: number): Point[] {
  const quarter: Point[] = [
    [-bar, -arm],
    [bar, -arm],
    [bar, -bar],
  ];
  const turned = (points: Point[]): Point[] => points.map(([x, y]) => [-y, x]);
  const second = turned(quarter);
  const third = turned(second);
  return [...quarter, ...second, ...third, ...turned(third)];
}

/** The shapes that tell series apart beside their colour, as the pictures draw them: around 0, of radius 1. */
const SHAPES: (Point[] | null)[] = [
  null,
  [
    [-0.86, -0.86],
    [0.86, -0.86],
    [0.86, 0.86],
    [-0.86, 0.86],
  ],
  [
    [0, -1.1],
    [1.05, 0.8],
    [-1.05, 0.8],
  ],
  [
    [0, -1.2],
    [1.2, 0],
    [0, 1.2],
    [-1.2, 0],
  ],
  [
    [0, 1.1],
    [1.05, -0.8],
    [-1.05, -0.8],
  ],
  plus(1.1, 0.38),
  plus(1.1, 0.38).map(([x, y]) => [(x - y) * DIAGONAL, (x + y) * DIAGONAL]),
  [
    [-0.55, -1],
    [0.55, -1],
    [1.1, 0],
    [0.55, 1],
    [-0.55, 1],
    [-1.1, 0],
  ],
];

/** The corners of a series' marker; null for a circle. */
export function markerPoints(colorIndex: number, x: number, y: number, radius: number): string | null {
  const shape = SHAPES[colorIndex % SHAPES.length];
  if (!shape) return null;
  return shape.map(([right, down]) => `${round(x + right * radius)},${round(y + down * radius)}`).join(' ');
}

/** The dash of a series' line: solid for the first eight. */
export function dashOf(colorIndex: number): string | null {
  return [null, '6 4', '1.5 3.5', '8 3.5 1.5 3.5'][Math.floor(colorIndex / 8) % 4] ?? null;
}

export function toneOf(colorIndex: number): string {
  return `var(--series-${colorIndex % 8})`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
