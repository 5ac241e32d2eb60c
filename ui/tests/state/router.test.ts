import { describe, expect, test } from 'vitest';
import { router } from '$states';
import { parse } from '$states/router.svelte';

describe('an address', () => {
  test.each([
    ['', 'home', null, []],
    ['#/', 'home', null, []],
    ['#/settings', 'settings', null, []],
    ['#/files?a=x&b=y', 'files', null, []],
    ['#/r/r1', 'history', 'r1', []],
    ['#/r/r1/runs/01JD', 'runs', 'r1', ['01JD']],
    ['#/r/a%2Fb/environments/production', 'environments', 'a/b', ['production']],
    ['#/r/r1/nothing', 'lost', null, []],
    ['#/elsewhere', 'lost', null, []],
  ])('%s', (hash, view, repo, rest) => {
    expect(parse(hash)).toMatchObject({ view, repo, rest });
  });

  test('that cannot be decoded is taken as it is', () => {
    expect(parse('#/r/%E0%A4%A/history').repo).toBe('%E0%A4%A');
  });

  test('is built and read back', () => {
    router.go(router.path('a/b c', 'compare', [], { a: 'main', b: 'x&y=1', model: null }));
    expect(router.route.repo).toBe('a/b c');
    expect(router.route.query.get('b')).toBe('x&y=1');
    expect(router.route.query.has('model')).toBe(false);
  });

  test('keeps its other words when one changes', () => {
    router.go('/r/r1/history?q=accuracy%3E0.9');
    router.setQuery({ marks: 'a,b' });
    expect(location.hash).toBe('#/r/r1/history?q=accuracy%3E0.9&marks=a%2Cb');
    router.setQuery({ q: null }, { replace: true });
    expect(router.route.query.has('q')).toBe(false);
    expect(router.route.query.get('marks')).toBe('a,b');
  });

  test('follows the browser back', async () => {
    router.go('/settings');
    router.go('/r/r1/audit');
    router.back();
    await expect.poll(() => router.route.view).toBe('settings');
  });
});
