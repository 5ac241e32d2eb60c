import type { Problem, Settings } from '$generated/bindings';
import { host, toProblem } from '$host';
import { persisted } from './persisted.svelte';
import { toasts } from './toasts.svelte';

const DEFAULTS: Settings = {
  theme: 'system',
  density: 'comfortable',
  clone_folder: null,
  threads: null,
  notifications: true,
  reduce_motion: false,
};

// The look is remembered here too, so that the first frame has it.
const look = persisted('look', { theme: DEFAULTS.theme, density: DEFAULTS.density, reduce_motion: false });
let value = $state.raw<Settings>({ ...DEFAULTS, ...look.value });
let problem = $state.raw<Problem | null>(null);
let loaded = $state(false);
let newest = 0;

function take(next: Settings): void {
  value = next;
  look.value = { theme: next.theme, density: next.density, reduce_motion: next.reduce_motion };
}

/** The user's choices. */
export const settings = {
  get value(): Settings {
    return value;
  },
  get loaded(): boolean {
    return loaded;
  },
  get problem(): Problem | null {
    return problem;
  },
  async load(): Promise<void> {
    const mine = (newest += 1);
    try {
      const answer = await host().call('settings', {});
      if (mine === newest) take(answer);
      problem = null;
      loaded = true;
    } catch (thrown) {
      problem = toProblem(thrown);
    }
  },
  /** Shows the change at once and takes it back where it cannot be kept. */
  async save(part: Partial<Settings>): Promise<boolean> {
    const mine = (newest += 1);
    const before = value;
    take({ ...value, ...part });
    try {
      const answer = await host().call('save_settings', { settings: { ...before, ...part } });
      if (mine === newest) take(answer);
      return true;
    } catch (thrown) {
      if (mine === newest) take(before);
      toasts.problem(toProblem(thrown));
      return false;
    }
  },
};
