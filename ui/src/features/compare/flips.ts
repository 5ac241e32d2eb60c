import type { AcceptedFlips, Flip, FlipKind, Flips } from '$generated/bindings';
import type { Side } from './confusion';

/** Which flips are listed. */
export interface FlipFilter {
  kind: FlipKind | null;
  truth: string | null;
  /** A cell of the confusion matrix: what went into it, or out of it. */
  cell: { truth: string; predicted: string; side: Side } | null;
  id: string;
  /** Without those that somebody accepted. */
  unaccepted?: boolean;
}

export const ALL_FLIPS: FlipFilter = { kind: null, truth: null, cell: null, id: '' };

/** What was accepted, by example; the last word holds. */
export function acceptedById(accepted: AcceptedFlips[]): Map<string, AcceptedFlips> {
  return new Map(accepted.flatMap((note) => note.examples.map((id) => [id, note] as const)));
}

export const isFiltered = (filter: FlipFilter): boolean =>
  filter.kind !== null ||
  filter.truth !== null ||
  filter.cell !== null ||
  filter.id.trim() !== '' ||
  filter.unaccepted === true;

const ORDER: Record<FlipKind, number> = { broken: 0, fixed: 1, changed: 2 };

/** How sure the mistaken side was. */
export function mistake(flip: Flip): number {
  if (flip.kind === 'broken') return flip.confidence_b;
  if (flip.kind === 'fixed') return flip.confidence_a;
  return Math.max(flip.confidence_a, flip.confidence_b);
}

function inCell(flip: Flip, { truth, predicted, side }: NonNullable<FlipFilter['cell']>): boolean {
  if (flip.truth !== truth) return false;
  if (side === 'a') return flip.a === predicted;
  if (side === 'b') return flip.b === predicted;
  return flip.a === predicted || flip.b === predicted;
}

/** The flips that fit, broken first and the surest mistakes first. */
export function listed(flips: Flips, filter: FlipFilter, accepted = new Map<string, unknown>()): Flip[] {
  const id = filter.id.trim().toLowerCase();
  return flips.examples
    .filter(
      (flip) =>
        (filter.kind === null || flip.kind === filter.kind) &&
        (filter.truth === null || flip.truth === filter.truth) &&
        (filter.cell === null || inCell(flip, filter.cell)) &&
        !(filter.unaccepted && accepted.has(flip.id)) &&
        (id === '' || flip.id.toLowerCase().includes(id)),
    )
    .sort((one, other) => ORDER[one.kind] - ORDER[other.kind] || mistake(other) - mistake(one));
}

/** Every true class among the flips, in reading order. */
export function truths(flips: Flips): string[] {
  const words = new Intl.Collator('en', { numeric: true });
  return [...new Set(flips.examples.map((flip) => flip.truth))].sort(words.compare);
}

/** As few letters as it takes, for an address. */
export function writeFilter(filter: FlipFilter): string {
  const parts: Record<string, string> = {};
  if (filter.kind) parts.k = filter.kind;
  if (filter.truth !== null) parts.t = filter.truth;
  if (filter.cell) parts.c = JSON.stringify([filter.cell.side, filter.cell.truth, filter.cell.predicted]);
  if (filter.id.trim()) parts.i = filter.id.trim();
  if (filter.unaccepted) parts.u = '1';
  return new URLSearchParams(parts).toString();
}

/** Reads what `writeFilter` wrote; what makes no sense is left out. */
export function readFilter(text: string | null | undefined): FlipFilter {
  const words = new URLSearchParams(text ?? '');
  const kind = (['broken', 'fixed', 'changed'] as const).find((one) => one === words.get('k')) ?? null;
  return {
    kind,
    truth: words.get('t'),
    cell: cellOf(words.get('c')),
    id: words.get('i') ?? '',
    ...(words.get('u') === '1' ? { unaccepted: true } : {}),
  };
}

function cellOf(text: string | null): FlipFilter['cell'] {
  if (text === null) return null;
  try {
    const found: unknown = JSON.parse(text);
    if (!Array.isArray(found)) return null;
    const [side, truth, predicted] = found as unknown[];
    if (typeof truth !== 'string' || typeof predicted !== 'string') return null;
    return side === 'a' || side === 'b' || side === 'change' ? { truth, predicted, side } : null;
  } catch {
    return null;
  }
}
