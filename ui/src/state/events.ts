import type { DeskEvent, OpenTarget } from '$generated/bindings';
import { host } from '$host';
import { hearSamples } from './live.svelte';
import { noticeEnd } from './notices';
import { freshen } from './query.svelte';
import { settings } from './settings.svelte';
import { hearTask } from './tasks.svelte';

/** Joins the window to the backend's events; what is to be opened is handed on. */
export function listen(open: (target: OpenTarget) => void): () => void {
  return host().subscribe((event: DeskEvent) => {
    noticeEnd(event);
    switch (event.event) {
      case 'fresh':
        freshen(event.repo, event.tags);
        if (event.tags.includes('settings')) void settings.load();
        break;
      case 'task':
        hearTask(event.task);
        break;
      case 'samples':
        hearSamples(event.samples);
        break;
      case 'open':
        open(event.target);
        break;
    }
  });
}
