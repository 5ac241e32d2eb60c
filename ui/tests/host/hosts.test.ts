import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DeskEvent } from '$generated/bindings';
import { loopback } from '$host/loopback';
import { tauri } from '$host/tauri';
import { problem } from '../support/host';

afterEach(() => {
  clearMocks();
  vi.unstubAllGlobals();
  delete window.__keelmarkPick;
});

describe('the desktop program', () => {
  test('is asked by the names of its commands', async () => {
    const asked: [string, unknown][] = [];
    mockIPC((command, args) => {
      asked.push([command, args]);
      return command === 'pick_folder' ? '/models' : null;
    });
    await tauri.call('run', { repo: 'r', run: 'x' });
    expect(await tauri.pickFolder('Where?')).toBe('/models');
    await tauri.pickFile('Which?', ['csv']);
    await tauri.saveFile({ name: 'a.csv', mime: 'text/csv', base64: 'YQ==' });
    tauri.notify('Done', 'A run ended.');
    tauri.setTheme('dark');
    expect(asked).toEqual([
      ['call', { name: 'run', args: { repo: 'r', run: 'x' } }],
      ['pick_folder', { title: 'Where?' }],
      ['pick_file', { title: 'Which?', endings: ['csv'] }],
      ['save_file', { file: { name: 'a.csv', mime: 'text/csv', base64: 'YQ==' } }],
      ['notify', { title: 'Done', body: 'A run ended.' }],
      ['set_theme', { theme: 'dark' }],
    ]);
  });

  test('refuses with a problem, and what is none becomes one', async () => {
    mockIPC(() => Promise.reject(problem('no_run')));
    await expect(tauri.call('app', {})).rejects.toMatchObject({ code: 'no_run' });
    mockIPC(() => Promise.reject('channel closed'));
    await expect(tauri.call('app', {})).rejects.toMatchObject({
      code: 'worker_lost',
      detail: 'channel closed',
    });
  });

  test('is heard until the window stops listening', () => {
    let send: (event: DeskEvent) => void = () => undefined;
    mockIPC((command, args) => {
      if (command !== 'subscribe') return null;
      const { channel } = args as { channel: { onmessage: (event: DeskEvent) => void } };
      send = (event) => channel.onmessage(event);
      return null;
    });
    const heard: DeskEvent[] = [];
    const stop = tauri.subscribe((event) => heard.push(event));
    send({ event: 'fresh', repo: null, tags: ['runs'] });
    stop();
    send({ event: 'fresh', repo: null, tags: ['history'] });
    expect(heard).toHaveLength(1);
  });
});

describe('the loopback server', () => {
  const answering = (status: number, body: unknown) =>
    vi.fn((_url: string, _init: RequestInit) =>
      Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })),
    );

  test('is asked by name, with the arguments as JSON', async () => {
    const fetched = answering(200, [{ run: 'x' }]);
    vi.stubGlobal('fetch', fetched);
    expect(await loopback.call('runs', { repo: 'r', model: null })).toEqual([{ run: 'x' }]);
    expect(fetched.mock.calls[0]?.[0]).toBe('/call/runs');
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({ method: 'POST', body: '{"repo":"r","model":null}' });
  });

  test('refuses with a problem, wrapped or not, and what is none becomes one', async () => {
    vi.stubGlobal('fetch', answering(422, { problem: problem('no_run') }));
    await expect(loopback.call('app', {})).rejects.toMatchObject({ code: 'no_run' });
    vi.stubGlobal('fetch', answering(422, problem('blocked')));
    await expect(loopback.call('app', {})).rejects.toMatchObject({ code: 'blocked' });
    vi.stubGlobal('fetch', answering(502, '<html>'));
    await expect(loopback.call('app', {})).rejects.toMatchObject({ code: 'worker_lost', detail: 'app: 502' });
    vi.stubGlobal('fetch', () => Promise.reject(new Error('gone')));
    await expect(loopback.call('app', {})).rejects.toMatchObject({ code: 'worker_lost', retryable: true });
  });

  test('after a broken line everything is asked again', () => {
    const lines: { onopen?: () => void; onmessage?: (message: { data: string }) => void }[] = [];
    class FakeSource {
      onopen?: () => void;
      onmessage?: (message: { data: string }) => void;
      constructor() {
        lines.push(this);
      }
      close(): void {
        this.onmessage = () => undefined;
      }
    }
    vi.stubGlobal('EventSource', FakeSource);
    const heard: DeskEvent[] = [];
    loopback.subscribe((event) => heard.push(event));
    const [line] = lines;
    line?.onopen?.();
    line?.onmessage?.({ data: '{"event":"fresh","repo":"r","tags":["runs"]}' });
    expect(heard).toEqual([{ event: 'fresh', repo: 'r', tags: ['runs'] }]);
    line?.onopen?.();
    expect(heard[1]).toMatchObject({ event: 'fresh', repo: null });
    expect((heard[1] as { tags: string[] }).tags).toContain('history');
  });

  test('dialogs are answered by the test', async () => {
    expect(await loopback.pickFolder('Where?')).toBeNull();
    window.__keelmarkPick = '/models';
    expect(await loopback.pickFile('Which?', [])).toBe('/models');
  });
});
