import { beforeEach, expect, test } from 'vitest';
import type { TaskSnapshot } from '$generated/bindings';
import { tasks } from '$states';
import { forgetTasks, hearTask } from '$states/tasks.svelte';
import { fakeHost, later } from '../support/host';

beforeEach(forgetTasks);

const snapshot = (number: number, more: Partial<TaskSnapshot> = {}): TaskSnapshot => ({
  task: 't1',
  kind: 'clone',
  title: 'Clone',
  repo: null,
  state: 'running',
  step: 'Receiving',
  done: number,
  total: 10,
  unit: 'objects',
  kept: null,
  answer: null,
  problem: null,
  started_at: '2026-01-01T00:00:00Z',
  number,
  ...more,
});

test('the newest snapshot wins, whatever the order they come in', () => {
  hearTask(snapshot(2));
  hearTask(snapshot(1));
  expect(tasks.all.map((task) => task.number)).toEqual([2]);
});

test('started work resolves at its end', async () => {
  fakeHost({ start_clone: 't1' });
  const ended = tasks.start('start_clone', { url: 'u', into: null, depth: null });
  await Promise.resolve();
  hearTask(snapshot(1));
  hearTask(snapshot(2, { state: 'stopped', kept: 'Nothing was kept.' }));
  expect((await ended).kept).toBe('Nothing was kept.');
});

test('work that ended before its id was known resolves too', async () => {
  const id = later<string>();
  fakeHost({ start_clone: () => id.promise });
  const ended = tasks.start('start_clone', { url: 'u', into: null, depth: null });
  hearTask(snapshot(9, { state: 'done' }));
  id.resolve('t1');
  expect((await ended).state).toBe('done');
});

test('dismissed work does not come back with the next snapshot', async () => {
  fakeHost({ dismiss_task: null });
  hearTask(snapshot(1, { state: 'failed' }));
  await tasks.dismiss('t1');
  hearTask(snapshot(1, { state: 'failed' }));
  expect(tasks.all).toHaveLength(0);
});
