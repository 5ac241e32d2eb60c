import { createContext } from 'svelte';
import type { ProblemLike } from './types';

/** What a window offers against a problem: words, and a way there. */
export interface Offer {
  hint: string;
  label: string | null;
  go: () => void;
}

const [read, provide] = createContext<(problem: ProblemLike) => Offer | null>();

/** Says, once for all notes below, what is offered against a problem. */
export const provideRemedies = provide;

/** What the notes here may offer; nothing where nobody said. */
export function remediesAround(): (problem: ProblemLike) => Offer | null {
  try {
    return read();
  } catch {
    return () => null;
  }
}
