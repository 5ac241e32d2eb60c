import { persisted, router, type Route, type View } from '$states';

/** The views of the rail, in their order. */
export const VIEWS = ['home', 'history', 'runs', 'compare', 'environments', 'audit', 'settings'] as const;
export type RailView = (typeof VIEWS)[number];

const lastRepo = persisted<string | null>('repo', null);
/** Where the user was in each view of each repository: the rail leads back there. */
const left = new Map<string, string>();

/** Remembers where the window is. */
export function visited(route: Route): void {
  if (route.repo === null) return;
  lastRepo.value = route.repo;
  if (route.rest.length === 0) left.set(`${route.repo} ${route.view}`, route.query.toString());
}

/** The repository the rail and the top bar speak of: the one shown, else the one shown last. */
export function shownRepo(): string | null {
  return router.route.repo ?? lastRepo.value;
}

export function forgetRepo(repo: string): void {
  if (lastRepo.value === repo) lastRepo.value = null;
}

/** The path of a view of the rail; null where it needs a repository and none was opened. */
export function pathOf(view: RailView): string | null {
  if (view === 'home') return '/';
  if (view === 'settings') return '/settings';
  const repo = shownRepo();
  if (repo === null) return null;
  const words = new URLSearchParams(left.get(`${repo} ${view}`) ?? '');
  const model = router.route.query.get('model');
  if (model !== null) words.set('model', model);
  return router.path(repo, view, [], Object.fromEntries(words));
}

/** The view of the rail that a route belongs to. */
export function railView(view: View): RailView | null {
  if (view === 'files') return 'compare';
  return VIEWS.find((name) => name === view) ?? null;
}
