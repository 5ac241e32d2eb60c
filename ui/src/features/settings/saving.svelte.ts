import type { Settings } from '$generated/bindings';
import { settings } from '$states';

/** How long it is shown that something was kept. */
const SHOWN_MILLIS = 2_500;

export type Saving = 'idle' | 'saving' | 'saved' | 'failed';

/** Keeps settings at once, and says for a moment that they were kept. */
export function saver() {
  let state = $state<Saving>('idle');
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    get state(): Saving {
      return state;
    },
    async save(part: Partial<Settings>): Promise<boolean> {
      clearTimeout(timer);
      state = 'saving';
      const kept = await settings.save(part);
      state = kept ? 'saved' : 'failed';
      if (kept) timer = setTimeout(() => (state = 'idle'), SHOWN_MILLIS);
      return kept;
    },
  };
}
