import type { Remedy } from '$generated/bindings';
import { remedies as words } from '$messages/remedies';
import { router } from '$states';
import { shownRepo } from './places.svelte';

/** The address of the screen that helps; null where there is none, or no repository to show it for. */
function pathOf(remedy: Remedy): string | null {
  if (remedy.kind === 'open_repository') return '/';
  if (remedy.kind === 'rebuild_index') return '/settings';
  const repo = shownRepo();
  if (repo === null) return null;
  const model = router.route.query.get('model');
  switch (remedy.kind) {
    case 'show_history':
      return router.path(repo, 'history', [], { model });
    case 'show_runs':
      return router.path(repo, 'runs', [], { model });
    case 'show_environments':
      return router.path(repo, 'environments', [], { model });
    case 'train':
    case 'evaluate':
      return router.path(repo, 'history', [], { model, train: remedy.version });
    default:
      return null;
  }
}

/** What the window offers against a problem. */
export function offer(problem: { remedy?: object | null }) {
  const remedy = problem.remedy as Remedy | null | undefined;
  if (!remedy) return null;
  const path = pathOf(remedy);
  return {
    hint: words[remedy.kind].hint,
    label: path === null ? null : words[remedy.kind].label,
    go: () => {
      if (path !== null) router.go(path);
    },
  };
}
