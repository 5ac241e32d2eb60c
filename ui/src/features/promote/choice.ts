import type { EnvironmentState } from '$generated/bindings';

/** One environment a candidate may go to. */
export interface Place {
  state: EnvironmentState;
  /** It desires the candidate already. */
  has: boolean;
  /** The environment before it does not desire the candidate yet. */
  waits: boolean;
}

/** A candidate: its version and, where one was chosen, its run. */
export interface Wanted {
  version: string | null;
  run: string | null;
}

function desires(state: EnvironmentState | undefined, { version, run }: Wanted): boolean {
  const deployment = state?.desired?.deployment;
  if (!deployment || version === null) return false;
  return deployment.version === version && (run === null || deployment.run.id === run);
}

/** The declared environments of a model, in order, as they stand to a candidate. */
export function places(environments: EnvironmentState[], model: string | null, wanted: Wanted): Place[] {
  // Whoever names no model means the only one.
  const meant = model ?? environments[0]?.model;
  const of = environments.filter((state) => state.declared && state.model === meant);
  return of.map((state) => {
    const before = of.find((other) => other.environment === state.after && other.model === state.model);
    return { state, has: desires(state, wanted), waits: state.after !== null && !desires(before, wanted) };
  });
}

/** The first that may follow; else the first that lacks it; else the last. */
export function suggested(all: Place[]): string | null {
  const place = all.find((one) => !one.has && !one.waits) ?? all.find((one) => !one.has) ?? all.at(-1);
  return place?.state.environment ?? null;
}
