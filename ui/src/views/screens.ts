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
