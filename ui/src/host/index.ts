import type { Host } from './host';
import { loopback } from './loopback';
import { tauri } from './tauri';

export type { Host } from './host';
export { isProblem, toProblem } from './host';

let chosen: Host | null = null;

/** The program around the window. */
export function host(): Host {
  chosen ??= '__TAURI_INTERNALS__' in window ? tauri : loopback;
  return chosen;
}

/** A stand-in, for tests. */
export function useHost(stand: Host | null): void {
  chosen = stand;
}
