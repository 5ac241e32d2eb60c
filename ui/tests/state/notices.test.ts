import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { DeskEvent, TaskSnapshot } from '$generated/bindings';
import { router, settings, toasts } from '$states';
import { forgetNotices, noticeEnd } from '$states/notices';
import { repository, runs, samples } from '../runs/answers';
import { fakeHost, problem } from '../support/host';

const RUN = runs[0]?.run ?? '';

const task = (more: Partial<TaskSnapshot>): DeskEvent => ({
  event: 'task',
  task: {
    task: '1',
    kind: 'clone',
    title: 'Cloning churn',
    repo: null,
    state: 'running',
    step: '',
    done: 0,
    total: null,
    unit: '',
    kept: null,
    answer: null,
    problem: null,
    started_at: '2026-01-01T00:00:00Z',
    number: 1,
    ...more,
  },
});

const ended = (state: 'succeeded' | 'failed'): DeskEvent => ({
  event: 'samples',
  samples: samples('r1', 4, { run: RUN, ended: state }),
});

function host() {
  const fake = fakeHost({ runs, save_settings: ({ settings: next }) => next });
  const notify = vi.fn();
  fake.notify = notify;
  return notify;
}

beforeEach(async () => {
  forgetNotices();
  toasts.all.forEach((toast) => toasts.dismiss(toast.id));
  router.go('/r/r1/history');
  host();
  await settings.save({ notifications: true });
});

describe('the end of long work', () => {
  test('is told by the system, and in the window where nothing shows it', async () => {
    const notify = host();
    noticeEnd(ended('succeeded'));
    await vi.waitFor(() => expect(notify).toHaveBeenCalledWith('Run of digits succeeded', ''));
    expect(toasts.all.at(-1)).toMatchObject({ kind: 'ok', text: 'Run of digits succeeded' });
    toasts.all.at(-1)?.action?.run();
    expect(router.route).toMatchObject({ view: 'runs', rest: [RUN] });
  });

  test('is not told in the window where its runs are shown', async () => {
    const notify = host();
    router.go('/r/r1/runs');
    noticeEnd(ended('failed'));
    await vi.waitFor(() => expect(notify).toHaveBeenCalledTimes(1));
    expect(toasts.all).toHaveLength(0);
  });

  test('of a task is news once: what had ended before the window came is not', () => {
    const notify = host();
    noticeEnd(task({ state: 'done', number: 9, answer: repository }));
    expect(notify).not.toHaveBeenCalled();
    noticeEnd(task({ task: '2', number: 1 }));
    noticeEnd(task({ task: '2', number: 2, state: 'done', answer: repository }));
    noticeEnd(task({ task: '2', number: 2, state: 'done', answer: repository }));
    expect(notify.mock.calls).toEqual([['Done: Cloning churn', '']]);
    expect(toasts.all).toHaveLength(1);
    toasts.all.at(-1)?.action?.run();
    expect(router.route).toMatchObject({ view: 'history', repo: repository.repo });
  });

  test('of a clone is left to Home where that is shown, and a fetch to who asked', () => {
    const notify = host();
    router.go('/');
    noticeEnd(task({}));
    noticeEnd(task({ number: 2, state: 'failed', problem: problem('unreachable', 'No answer') }));
    router.go('/r/r1/history');
    noticeEnd(task({ task: '3', kind: 'fetch', title: 'Fetching' }));
    noticeEnd(task({ task: '3', kind: 'fetch', title: 'Fetching', number: 2, state: 'done' }));
    expect(notify.mock.calls).toEqual([
      ['Failed: Cloning churn', 'No answer'],
      ['Done: Fetching', ''],
    ]);
    expect(toasts.all).toHaveLength(0);
  });

  test('is kept from the system where that is not wanted', async () => {
    await settings.save({ notifications: false });
    const notify = host();
    noticeEnd(ended('succeeded'));
    await vi.waitFor(() => expect(toasts.all).toHaveLength(1));
    expect(notify).not.toHaveBeenCalled();
  });
});
