import { createContext } from 'svelte';

/** What a field tells the control inside it. */
export interface FieldContext {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

const [read, provide] = createContext<FieldContext>();

export const provideField = provide;

/** The field around a control; null where it stands alone. */
export function fieldAround(): FieldContext | null {
  try {
    return read();
  } catch {
    return null;
  }
}
