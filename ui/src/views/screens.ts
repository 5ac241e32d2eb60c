/** The screens, each fetched when it is first shown: the window is there before all of them are read. */
export const screens = {
  home: () => import('./HomeView.svelte'),
  settings: () => import('./SettingsView.svelte'),
  files: () => import('./FilesView.svelte'),
  history: () => import('./HistoryView.svelte'),
  runs: () => import('./RunsView.svelte'),
  compare: () => import('./CompareView.svelte'),
  environments: () => import('./EnvironmentsView.svelte'),
  audit: () => import('./AuditView.svelte'),
};

/** Long enough for the first screen to stand. */
const IDLE_MILLIS = 1_500;

/** Fetches the other screens once the first one stands, so that going there waits for nothing. */
export function fetchAll(): () => void {
  const timer = setTimeout(() => {
    for (const fetch of Object.values(screens)) fetch().catch(() => undefined);
  }, IDLE_MILLIS);
  return () => clearTimeout(timer);
}
