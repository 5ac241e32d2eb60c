import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Settings } from '$generated/bindings';
import { action, persisted, settings, toasts } from '$states';
import { fakeHost, later, problem } from '../support/host';

afterEach(() => toasts.all.forEach((toast) => toasts.dismiss(toast.id)));

describe('an action', () => {
  test('is pending until it is answered', async () => {
    const answer = later<null>();
    fakeHost({ stop_run: () => answer.promise });
    const stop = action('stop_run');
    const ended = stop.run({ repo: 'r', run: 'x', now: false });
    expect(stop.pending).toBe(true);
    answer.resolve(null);
    expect(await ended).toBeNull();
    expect(stop.pending).toBe(false);
  });

  test('keeps its problem until it is cleared', async () => {
    fakeHost({ stop_run: () => Promise.reject(problem('unknown_run')) });
    const stop = action('stop_run');
    expect(await stop.run({ repo: 'r', run: 'x', now: false })).toBeUndefined();
    expect(stop.problem?.code).toBe('unknown_run');
    stop.clear();
    expect(stop.problem).toBeNull();
  });
});

describe('a persisted value', () => {
  test('survives a reload', () => {
    persisted('columns', ['accuracy']).value = ['accuracy', 'f1'];
    expect(persisted('columns', ['accuracy']).value).toEqual(['accuracy', 'f1']);
  });

  test('of another shape is ignored', () => {
    localStorage.setItem('keelmark.columns', '{"no": "list"}');
    expect(persisted('columns', ['accuracy']).value).toEqual(['accuracy']);
    localStorage.setItem('keelmark.columns', 'no json');
    expect(persisted('columns', ['accuracy']).value).toEqual(['accuracy']);
  });
});

describe('settings', () => {
  const stored: Settings = {
    theme: 'dark',
    density: 'comfortable',
    clone_folder: null,
    threads: null,
    notifications: true,
    reduce_motion: false,
  };

  beforeEach(async () => {
    fakeHost({ settings: stored });
    await settings.load();
  });

  test('change at once, and go back where they cannot be kept', async () => {
    expect(settings.value.theme).toBe('dark');
    fakeHost({ save_settings: () => Promise.reject(problem('storage', 'The disk is full.')) });
    const saved = settings.save({ theme: 'light' });
    expect(settings.value.theme).toBe('light');
    expect(await saved).toBe(false);
    expect(settings.value.theme).toBe('dark');
    expect(toasts.all.at(-1)?.text).toBe('The disk is full.');
  });

  test('send the whole with the change in it', async () => {
    const host = fakeHost({ save_settings: ({ settings: next }) => next });
    expect(await settings.save({ density: 'compact' })).toBe(true);
    expect(host.asked).toEqual([
      { name: 'save_settings', args: { settings: { ...stored, density: 'compact' } } },
    ]);
  });
});

test('only the newest messages are shown', () => {
  for (let index = 0; index < 9; index += 1) toasts.show({ kind: 'info', text: `message ${index}` });
  expect(toasts.all.map((toast) => toast.text)).toEqual(['message 5', 'message 6', 'message 7', 'message 8']);
});
