import type { DeskEvent, LiveSamples, TaskSnapshot } from '$generated/bindings';
import { host } from '$host';
import { router } from './router.svelte';
import { settings } from './settings.svelte';
import { toasts } from './toasts.svelte';

/** What is said when long work ends. */
const WORDS = {
  run: {
    succeeded: (model: string): string => `Run of ${model} succeeded`,
    failed: (model: string): string => `Run of ${model} failed`,
    cancelled: (model: string): string => `Run of ${model} was stopped`,
  },
  task: {
    done: (title: string): string => `Done: ${title}`,
    failed: (title: string): string => `Failed: ${title}`,
    stopped: (title: string): string => `Stopped: ${title}`,
  },
  open: 'Open',
};

type Ended = Exclude<NonNullable<LiveSamples['ended']>, 'running'>;

/** Tasks seen at work: only their end is news. What has ended already is told again whenever the window is loaded. */
const working = new Set<string>();

/** Tells of the end of long work: by the system while the window is not in front, in the window where nothing shows it. */
export function noticeEnd(event: DeskEvent): void {
  if (event.event === 'task') noticeTask(event.task);
  else if (event.event === 'samples' && event.samples.ended && event.samples.ended !== 'running') {
    void noticeRun(event.samples, event.samples.ended);
  }
}

function tell(title: string, body: string): void {
  if (settings.value.notifications) host().notify(title, body);
}

function noticeTask(task: TaskSnapshot): void {
  if (task.state === 'running') {
    working.add(task.task);
    return;
  }
  if (!working.delete(task.task)) return;
  const title = WORDS.task[task.state](task.title);
  tell(title, task.problem?.summary ?? '');
  // Who asks for news from a remote is told there, and Home shows what its own doors began.
  const own = task.kind !== 'clone' && task.kind !== 'sample';
  if (own || router.route.view === 'home' || task.state === 'stopped') return;
  if (task.state === 'failed') {
    if (task.problem) toasts.problem(task.problem);
    return;
  }
  const repo = repositoryOf(task);
  toasts.show({
    kind: 'ok',
    text: title,
    ...(repo === null
      ? {}
      : { action: { label: WORDS.open, run: () => router.go(router.path(repo, 'history')) } }),
  });
}

function repositoryOf(task: TaskSnapshot): string | null {
  const answer = task.answer;
  if (typeof answer !== 'object' || answer === null || !('repo' in answer)) return null;
  return typeof answer.repo === 'string' ? answer.repo : null;
}

async function noticeRun(samples: LiveSamples, ended: Ended): Promise<void> {
  const { repo, run } = samples;
  let model = '';
  let cause = '';
  try {
    const runs = await host().call('runs', { repo, model: null });
    const found = runs.find((one) => one.run === run);
    model = found?.model ?? '';
    cause = found?.cause ?? '';
  } catch {
    // Its end is news without its name, too.
  }
  const title = WORDS.run[ended](model || run.slice(-8));
  tell(title, cause);
  const { view, repo: shown } = router.route;
  if (view === 'runs' && shown === repo) return;
  toasts.show({
    kind: ended === 'failed' ? 'problem' : 'ok',
    text: title,
    ...(cause ? { detail: cause } : {}),
    action: { label: WORDS.open, run: () => router.go(router.path(repo, 'runs', [run])) },
  });
}

/** Forgets what was at work, for tests. */
export function forgetNotices(): void {
  working.clear();
}
