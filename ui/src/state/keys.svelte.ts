import { SvelteMap } from 'svelte/reactivity';
import { matchKeyBindingPress, parseKeybinding, type KeyBindingPress } from 'tinykeys';

export interface KeyBinding {
  id: string;
  title: string;
  /** `j`, `g h`, `$mod+k`, `Escape`, `?`. */
  keys: string;
  run: (event: KeyboardEvent | null) => void;
  group?: string;
  when?: () => boolean;
  /** Works while a dialog is open. */
  inDialog?: boolean;
  /** Not offered in the palette. */
  hidden?: boolean;
}

interface Registered extends KeyBinding {
  presses: KeyBindingPress[];
  order: number;
}

/** One that is just closing is still there, but hears no more keys. */
const OPEN_DIALOG = '[data-dialog-open]:not([data-state="closed"])';
/** A sequence such as `g h` must be finished within this time. */
const SEQUENCE_MILLIS = 1_000;

const bindings = new SvelteMap<number, Registered>();
let order = 0;
let pending: { at: number; left: Map<Registered, number> } = { at: 0, left: new Map() };

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'range', 'submit', 'reset'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Punctuation may need Shift, depending on the keyboard: `?` and `/` mean the sign, not the keys. */
function presses(event: KeyboardEvent, press: KeyBindingPress): boolean {
  const [mods, key] = press;
  if (mods.length === 0 && typeof key === 'string' && key.length === 1 && !/[a-z0-9]/i.test(key)) {
    return event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey;
  }
  return matchKeyBindingPress(event, press);
}

function allowed(binding: Registered, event: KeyboardEvent): boolean {
  const [mods = [], key = ''] = binding.presses[0] ?? [];
  const works = mods.some((mod) => mod === 'Control' || mod === 'Meta') || key === 'Escape';
  if (isTyping(event.target) && !works) return false;
  if (!binding.inDialog && document.querySelector(OPEN_DIALOG)) return false;
  return binding.when?.() ?? true;
}

function hear(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || (event.repeat && event.key === 'Escape')) return;
  if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
  const begun = event.timeStamp - pending.at < SEQUENCE_MILLIS ? pending.left : new Map<Registered, number>();
  const left = new Map<Registered, number>();
  let hit: Registered | null = null;
  // The newest registered wins, and the end of a sequence wins over a single key.
  for (const binding of [...bindings.values()].sort((one, other) => other.order - one.order)) {
    const done = begun.get(binding) ?? 0;
    const next = binding.presses[done];
    if (!next || !presses(event, next) || !allowed(binding, event)) continue;
    if (done + 1 < binding.presses.length) left.set(binding, done + 1);
    else if (!hit || binding.presses.length > hit.presses.length) hit = binding;
  }
  pending = { at: event.timeStamp, left: hit ? new Map() : left };
  if (!hit) return;
  event.preventDefault();
  hit.run(event);
}

globalThis.addEventListener?.('keydown', hear);

/** The keyboard: one registry, shown by the palette and the cheat sheet. */
export const keys = {
  /** Returns what takes the binding away again: register in an `$effect` and return it. */
  register(binding: KeyBinding): () => void {
    order += 1;
    const mine = order;
    bindings.set(mine, { ...binding, presses: parseKeybinding(binding.keys), order: mine });
    return () => {
      bindings.delete(mine);
    };
  },
  /** Several at once. */
  registerAll(list: KeyBinding[]): () => void {
    const undo = list.map((binding) => keys.register(binding));
    return () => undo.forEach((take) => take());
  },
  list(): KeyBinding[] {
    return [...bindings.values()].filter((binding) => binding.when?.() ?? true);
  },
  /** What holds now, by group; `other` names the group of those without one. */
  groups(other: string): { title: string; keys: KeyBinding[] }[] {
    const found = new Map<string, KeyBinding[]>();
    for (const binding of keys.list()) {
      const group = binding.group ?? other;
      found.set(group, [...(found.get(group) ?? []), binding]);
    }
    return [...found].map(([title, list]) => ({ title, keys: list }));
  },
};
