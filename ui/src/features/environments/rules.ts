import type { EnvironmentState } from '$generated/bindings';
import { visible } from '$domain';
import { environments } from './messages';

/** What holds for an environment, in sentences. */
export function rules(state: EnvironmentState): string[] {
  const words = environments.rules;
  if (!state.declared) return [words.undeclared];
  const found = [
    ...(state.after === null ? [] : [words.after(visible(state.after))]),
    ...(state.auto_promote ? [words.auto] : []),
    ...state.requires.map((requirement) => words[requirement]),
  ];
  return found.length > 0 ? found : [words.free];
}
