import { flushSync } from 'svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunSummary } from '$generated/bindings';
import { freshen, query } from '$states';
import { forgetAnswers } from '$states/query.svelte';
import { fakeHost, later, problem } from '../support/host';
import { scope, source } from '../support/runes.svelte';

beforeEach(forgetAnswers);

const ask = (repo: string) => () => query('runs', () => ({ repo, model: null }));

describe('a question', () => {
  test('is asked once, however many ask it', async () => {
    const host = fakeHost({ runs: [] });
    const one = scope(ask('r'));
    const other = scope(() => query('runs', () => ({ model: null, repo: 'r' })));
    await expect.poll(() => other.value.data).toEqual([]);
    expect(one.value.data).toEqual([]);
    expect(host.count('runs')).toBe(1);
    one.end();
    other.end();
  });

  test('is asked again when what it depends on changed, and goes on showing the old answer', async () => {
    const host = fakeHost({ runs: [] });
    const { value, end } = scope(ask('r'));
    await expect.poll(() => value.data).toEqual([]);
    const next = later<RunSummary[]>();
    host.answers.runs = () => next.promise;
    freshen('r', ['runs']);
    expect(value.stale).toBe(true);
    expect(value.loading).toBe(false);
    expect(value.data).toEqual([]);
    next.resolve([{ run: 'x' } as RunSummary]);
    await expect.poll(() => value.data).toHaveLength(1);
    expect(value.stale).toBe(false);
    end();
  });

  test('is left alone by news of another repository, or of what it does not depend on', async () => {
    const host = fakeHost({ runs: [] });
    const { value, end } = scope(ask('r'));
    await expect.poll(() => value.data).toEqual([]);
    freshen('other', ['runs']);
    freshen('r', ['work_tree']);
    expect(host.count('runs')).toBe(1);
    freshen(null, ['runs']);
    expect(host.count('runs')).toBe(2);
    end();
  });

  test('news that comes while an answer is on its way is not lost', async () => {
    const first = later<RunSummary[]>();
    const host = fakeHost({ runs: () => first.promise });
    const { end } = scope(ask('r'));
    host.answers.runs = [];
    freshen('r', ['runs']);
    expect(host.count('runs')).toBe(1);
    first.resolve([]);
    await expect.poll(() => host.count('runs')).toBe(2);
    end();
  });

  test('nobody looks at is asked again only when somebody does', async () => {
    const host = fakeHost({ runs: [] });
    const first = scope(ask('r'));
    await expect.poll(() => first.value.data).toEqual([]);
    first.end();
    freshen('r', ['runs']);
    expect(host.count('runs')).toBe(1);
    const second = scope(ask('r'));
    expect(second.value.data).toEqual([]);
    expect(host.count('runs')).toBe(2);
    second.end();
  });

  test('with no arguments is not asked', () => {
    const host = fakeHost({ runs: [] });
    const { value, end } = scope(() => query('runs', () => null));
    expect(value.loading).toBe(false);
    expect(host.asked).toHaveLength(0);
    end();
  });

  test('with other arguments shows no answer that is not its own, unless asked to', async () => {
    fakeHost({
      runs: ({ repo }) => (repo === 'a' ? [{ run: 'of a' } as RunSummary] : new Promise(() => undefined)),
    });
    const repo = source('a');
    const plain = scope(() => query('runs', () => ({ repo: repo.value, model: null })));
    const kept = scope(() => query('runs', () => ({ repo: repo.value, model: null }), { keep: true }));
    await expect.poll(() => kept.value.data).toHaveLength(1);
    repo.value = 'b';
    expect(plain.value.data).toBeUndefined();
    expect(plain.value.loading).toBe(true);
    expect(kept.value.data).toHaveLength(1);
    plain.end();
    kept.end();
  });

  test('that fails keeps the problem, and forgets it when it works again', async () => {
    const host = fakeHost({ runs: () => Promise.reject(problem('storage')) });
    const { value, end } = scope(ask('r'));
    await expect.poll(() => value.problem?.code).toBe('storage');
    expect(value.loading).toBe(false);
    host.answers.runs = [];
    value.refresh();
    await expect.poll(() => value.data).toEqual([]);
    expect(value.problem).toBeNull();
    end();
  });

  test('says that it is slow after 150 ms, not before', async () => {
    vi.useFakeTimers();
    try {
      fakeHost({ runs: () => new Promise(() => undefined) });
      const { value, end } = scope(ask('r'));
      await vi.advanceTimersByTimeAsync(140);
      flushSync();
      expect([value.loading, value.slow]).toEqual([true, false]);
      await vi.advanceTimersByTimeAsync(20);
      flushSync();
      expect(value.slow).toBe(true);
      end();
    } finally {
      vi.useRealTimers();
    }
  });

  test('the later of two answers wins, whichever comes last', async () => {
    const slow = later<RunSummary[]>();
    const host = fakeHost({ runs: () => slow.promise });
    const { value, end } = scope(ask('r'));
    host.answers.runs = [{ run: 'new' } as RunSummary];
    value.refresh();
    await expect.poll(() => value.data?.[0]?.run).toBe('new');
    slow.resolve([{ run: 'old' } as RunSummary]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(value.data?.[0]?.run).toBe('new');
    end();
  });
});
