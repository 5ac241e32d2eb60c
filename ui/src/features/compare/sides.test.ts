import { describe, expect, it } from 'vitest';
import type { EnvironmentState, HistoryCommit, RepositoryInfo, RunSummary } from '$generated/bindings';
import { sideOptions, usualSides, versionOf, withoutRun, type Known } from './sides';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const id = (letter: string): string => letter.repeat(40);

const commit = (letter: string, tags: string[] = []): HistoryCommit => ({
  commit: id(letter),
  parents: [],
  subject: `Change ${letter}`,
  author: 'Ada',
  time: '2026-03-01T12:00:00Z',
  tags,
  environments: [],
  stages: [],
  metrics: {},
});
const run = (name: string, letter: string, part: Partial<RunSummary> = {}): RunSummary => ({
  run: name,
  model: 'digits',
  version: id(letter),
  job: 'train',
  status: 'succeeded',
  dirty: false,
  seed: 7,
  started_at: '2026-03-01T12:00:00Z',
  duration_millis: 1,
  metrics: {},
  remote: null,
  resumable: false,
  ...part,
});
const environment = (name: string, letter: string | null): EnvironmentState =>
  ({
    environment: name,
    desired: letter && { deployment: { version: id(letter), release: 'v1.0.0' } },
  }) as unknown as EnvironmentState;
const info = { branch: 'main', head: id('c'), branches: ['main', 'staging'], tags: ['v1'] } as RepositoryInfo;

const known: Known = {
  info,
  environments: [environment('staging', 'b'), environment('production', null)],
  commits: [commit('c'), commit('b', ['v1']), commit('a')],
  runs: [
    run('R3', 'c', { dirty: true }),
    run('R2', 'b'),
    run('R1', 'a'),
    run('R0', 'a', { status: 'failed' }),
  ],
};

describe('sideOptions', () => {
  it('offers every kind once, and names a branch apart from an environment of its name', () => {
    const options = sideOptions(known, NOW);
    const values = options.map((option) => option.value);
    expect(values.slice(0, 5)).toEqual(['staging', 'production', 'main', 'heads/staging', 'v1']);
    expect(new Set(values).size).toBe(values.length);
    expect(values).toContain('R2');
    expect(values).not.toContain('R0');
  });

  it('says what cannot be chosen and why', () => {
    const option = (value: string) => sideOptions(known, NOW).find((one) => one.value === value);
    expect(option('production')).toMatchObject({
      disabled: true,
      hint: 'environment · nothing promoted yet',
    });
    expect(option(id('c'))?.hint).toMatch(/no run yet$/);
    expect(option(id('b'))?.hint).not.toMatch(/no run/);
    expect(option('R3')?.hint).toMatch(/uncommitted changes$/);
  });
});

describe('usualSides', () => {
  it('holds the newest version with a run of committed files against what is deployed last', () => {
    const tried = { ...known, runs: [run('R3', 'c'), run('R2', 'b')] };
    expect(usualSides(tried)).toEqual({ a: 'staging', b: 'main' });
    const both = { ...tried, environments: [environment('staging', 'c'), environment('production', 'b')] };
    expect(usualSides(both)?.a).toBe('production');
  });

  it('goes back one version where nothing else is deployed', () => {
    expect(usualSides(known)).toEqual({ a: id('a'), b: id('b') });
  });

  it('has none where only one version was tried, or nobody knows yet', () => {
    expect(usualSides({ ...known, environments: [], runs: [run('R1', 'a')] })).toBeNull();
    expect(usualSides({})).toBeNull();
  });
});

describe('withoutRun', () => {
  it('finds the side that was never trained', () => {
    expect(withoutRun(['main', 'v1'], known)).toEqual(['main']);
    expect(withoutRun([id('c').slice(0, 8), 'R1'], known)).toEqual(['cccccccc']);
  });

  it('names the words nobody knows where no other is to blame', () => {
    expect(withoutRun(['topic', 'v1'], known)).toEqual(['topic']);
  });
});

it('knows the version a word means', () => {
  const words = ['staging', 'production', 'HEAD', 'heads/main', 'tags/v1', 'R1', 'aaaaaaa', 'nonsense'];
  const letters = words.map((word) => versionOf(word, known)?.charAt(0) ?? null);
  expect(letters).toEqual(['b', null, 'c', 'c', 'b', 'a', 'a', null]);
});
