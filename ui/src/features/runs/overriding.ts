import type { CommandMap } from '$generated/bindings';

export type TrainingForm = CommandMap['training_form']['answer'];
export type Setting = TrainingForm['settings'][number];
export type Kind = 'integer' | 'number' | 'boolean' | 'text';

export function kindOf(setting: Setting): Kind {
  const kind = setting.kind;
  return kind === 'integer' || kind === 'number' || kind === 'boolean' ? kind : 'text';
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Whether a text may stand for a value of this kind. */
export function isOfKind(text: string, kind: Kind): boolean {
  const word = text.trim();
  switch (kind) {
    case 'integer':
      return /^[+-]?\d+$/.test(word);
    case 'number':
      return NUMBER.test(word);
    case 'boolean':
      return word === 'true' || word === 'false';
    case 'text':
      return word !== '';
  }
}

/** Whether two texts are one value: `0.001` and `1e-3` are. */
export function isSame(one: string, other: string, kind: Kind): boolean {
  const [a, b] = [one.trim(), other.trim()];
  if (a === b) return true;
  const numeric = kind === 'integer' || kind === 'number';
  return numeric && isOfKind(a, kind) && isOfKind(b, kind) && Number(a) === Number(b);
}

/** What is asked for that the manifest does not say already. */
export function overridesOf(
  settings: Setting[],
  values: Record<string, string>,
  more: Record<string, string>,
): Record<string, string> {
  const changed: Record<string, string> = {};
  for (const setting of settings) {
    const value = values[setting.key];
    if (value !== undefined && !isSame(value, setting.value, kindOf(setting)))
      changed[setting.key] = value.trim();
  }
  for (const [key, value] of Object.entries(more)) if (!(key in changed)) changed[key] = value.trim();
  return changed;
}
