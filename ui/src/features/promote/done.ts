import type { PromotionAnswer, RollbackArgs } from '$generated/bindings';
import { host, toProblem } from '$host';
import { router, tasks, toasts } from '$states';
import { promote as words } from './messages';
import { trailer } from './message';
import { visible } from '$domain';

const REMOTE = 'origin';

interface Done {
  repo: string;
  model: string;
  answer: PromotionAnswer;
  /** Whether it was to be pushed. */
  push: boolean;
}

/** Tells that a promotion is done, and offers to undo it. */
export function tellPromoted(done: Done): void {
  const { model, answer } = done;
  const text = words.done.promoted(visible(model), answer.release ?? '', visible(answer.environment));
  // The first deployment of an environment has nothing before it to go back to.
  const undoable = trailer(answer.message, 'Previous') !== null;
  tellPending(done);
  toasts.show({
    kind: 'ok',
    text,
    ...where(done),
    ...(undoable ? { action: { label: words.done.undo, run: () => void undo(done) } } : {}),
    link: { label: words.done.environments, path: router.path(done.repo, 'environments') },
  });
}

export function tellRolledBack(done: Done): void {
  const { model, answer } = done;
  const text = words.done.rolledBack(visible(model), answer.release ?? '', visible(answer.environment));
  tellPending(done);
  toasts.show({
    kind: 'ok',
    text,
    ...where(done),
    // Who rolled back there is there already.
    ...(router.route.view === 'environments'
      ? {}
      : { action: { label: words.done.environments, run: () => openEnvironments(done.repo) } }),
  });
}

const where = ({ answer, push }: Done): { detail?: string } => {
  if (answer.pushed) return { detail: words.done.pushed };
  return push && answer.push_note !== null ? {} : { detail: words.done.local };
};

const openEnvironments = (repo: string): void => router.go(router.path(repo, 'environments'));

function tellPending({ repo, answer, push }: Done): void {
  if (answer.pushed || !push) return;
  toasts.show({
    kind: 'info',
    text: words.done.pending,
    ...(answer.push_note ? { detail: visible(answer.push_note) } : {}),
    action: { label: words.done.share, run: () => void share(repo) },
  });
}

async function share(repo: string): Promise<void> {
  try {
    const task = await tasks.start('start_share', { repo, remote: REMOTE });
    if (task.problem) toasts.problem(task.problem);
    else if (task.state === 'done') toasts.show({ kind: 'ok', text: words.done.shared });
  } catch (thrown) {
    toasts.problem(toProblem(thrown));
  }
}

/** Rolls back what was just promoted, and only that: not what somebody else put on top of it. */
export async function undo({ repo, model, answer, push }: Done): Promise<void> {
  const args: RollbackArgs = {
    repo,
    model,
    environment: answer.environment,
    to: null,
    push,
    expected: null,
  };
  const toast = toasts.show({ kind: 'info', text: words.done.undoing });
  try {
    const shown = await host().call('preview_rollback', args);
    if (shown.commit === null || shown.at === null || shown.unchanged || shown.parent !== answer.commit) {
      toasts.problem(words.movedOn);
      return;
    }
    const expected = { commit: shown.commit, at: shown.at };
    const back = await host().call('rollback', { ...args, expected });
    tellPending({ repo, model, answer: back, push });
    toasts.show({
      kind: 'ok',
      text: words.done.undone(visible(back.environment), back.release ?? ''),
      action: { label: words.done.environments, run: () => openEnvironments(repo) },
    });
  } catch (thrown) {
    const problem = toProblem(thrown);
    toasts.problem(problem.code === 'conflict' ? words.movedOn : problem);
  } finally {
    toasts.dismiss(toast);
  }
}
