import { describe, expect, test } from 'vitest';
import { againstOf, changeOf, metricsOf, reachOf, shownMetrics } from './columns';
import { pairOf, rowsOf, toggled, type Version, type VersionMetric } from './rows';

function metric(value: number | null, more: Partial<VersionMetric> = {}): VersionMetric {
  return { value, low: null, high: null, run: null, source: 'run', comparable: true, ...more };
}

function version(commit: string, metrics: Record<string, VersionMetric> = {}): Version {
  return {
    commit,
    parents: [],
    subject: commit,
    author: 'Ana',
    time: '2026-03-02T09:00:00Z',
    tags: [],
    environments: [],
    stages: [],
    metrics,
  };
}

const versions = [
  version('d', { accuracy: metric(0.9), loss: metric(0.2) }),
  version('c', { accuracy: metric(0.95) }),
  version('b', { accuracy: metric(null) }),
  version('a', { accuracy: metric(0.8) }),
];
const commits = (rows: { version: Version }[]): string => rows.map((row) => row.version.commit).join('');

describe('rows', () => {
  test('follow each other, with the graph beside them', () => {
    const rows = rowsOf(versions, [], null, true);
    expect(commits(rows)).toBe('dcba');
    expect(rows.every((row) => row.lane !== null)).toBe(true);
  });
  test('by a metric have no graph, and what is not known comes last either way', () => {
    expect(commits(rowsOf(versions, [], { column: 'accuracy', descending: true }, true))).toBe('cdab');
    expect(commits(rowsOf(versions, [], { column: 'accuracy', descending: false }, true))).toBe('adcb');
    expect(rowsOf(versions, [], { column: 'accuracy', descending: true }, true)[0]?.lane).toBe(null);
  });
  test('that do not pass are left out, and the graph with them', () => {
    const rows = rowsOf(versions, [{ kind: 'text', text: 'c', not: true }], null, true);
    expect(commits(rows)).toBe('dba');
    expect(rows[0]?.lane).toBe(null);
  });
});

describe('marks', () => {
  test('are two at most, and the oldest mark makes room', () => {
    expect(['a', 'b', 'c'].reduce(toggled, [])).toEqual(['b', 'c']);
    expect(toggled(['b', 'c'], 'b')).toEqual(['c']);
  });
  test('the older version is A, whichever was marked first', () => {
    for (const marks of [
      ['a', 'd'],
      ['d', 'a'],
    ]) {
      expect(pairOf(marks, versions)).toMatchObject({ a: { commit: 'a' }, b: { commit: 'd' } });
    }
    expect(pairOf(['a', 'gone'], versions)).toBe(null);
  });
});

describe('columns', () => {
  const catalogue = [{ name: 'loss' }, { name: 'accuracy' }] as Parameters<typeof metricsOf>[1];
  test('what most versions have comes first', () => {
    expect(metricsOf(versions, catalogue)).toEqual(['accuracy', 'loss']);
    expect(
      metricsOf([version('x', { a: metric(1), accuracy: metric(1), loss: metric(1) })], catalogue),
    ).toEqual(['loss', 'accuracy', 'a']);
  });
  test('what the manifest declares comes before what most versions have', () => {
    expect(metricsOf(versions, catalogue, ['gone', 'loss'])).toEqual(['loss', 'accuracy']);
  });
  test('a choice keeps to what is there, and no choice is the first few', () => {
    expect(shownMetrics(['a', 'b', 'c', 'd'], null)).toEqual(['a', 'b', 'c']);
    expect(shownMetrics(['a', 'b'], ['b', 'gone'])).toEqual(['b']);
    expect(shownMetrics(['a', 'b'], [])).toEqual([]);
  });
});

describe('the baseline', () => {
  type Environments = Parameters<typeof againstOf>[1];
  const environments = (...states: [string, string | null][]): Environments =>
    ({
      environments: states.map(([environment, commit]) => ({
        environment,
        desired: commit && { deployment: { version: commit, metrics: { accuracy: 0.77 } } },
      })),
    }) as unknown as Environments;

  test('is what the last environment desires, with its intervals where it is in the list', () => {
    expect(againstOf(versions, environments(['staging', 'd'], ['production', 'c']))).toMatchObject({
      commit: 'c',
      environment: 'production',
      metrics: { accuracy: { value: 0.95 } },
    });
    expect(againstOf(versions, environments(['staging', 'd'], ['production', null]))?.environment).toBe(
      'staging',
    );
  });
  test('outside of the list is what was written down when it was promoted', () => {
    expect(againstOf(versions, environments(['production', 'z']))?.metrics.accuracy?.value).toBe(0.77);
  });
  test('without a deployment is the newest measured version', () => {
    expect(againstOf([version('e'), ...versions], undefined)).toMatchObject({
      commit: 'd',
      environment: null,
    });
    expect(againstOf([version('e')], undefined)).toBe(null);
  });
});

describe('a change', () => {
  const base = metric(0.9);
  test('points to the good side', () => {
    expect(changeOf(metric(0.95), base, 'higher_is_better', 0.1)?.share).toBeCloseTo(0.5);
    expect(changeOf(metric(0.95), base, 'lower_is_better', 0.1)?.share).toBeCloseTo(-0.5);
    expect(changeOf(metric(9), base, 'higher_is_better', 0.1)?.share).toBe(1);
  });
  test('is better or worse only where the interval leaves the baseline out', () => {
    const tone = (low: number, high: number, direction: 'higher_is_better' | 'lower_is_better') =>
      changeOf(metric(0.95, { low, high }), base, direction, 0.1)?.tone;
    expect(tone(0.91, 0.97, 'higher_is_better')).toBe('better');
    expect(tone(0.91, 0.97, 'lower_is_better')).toBe('worse');
    expect(tone(0.89, 0.97, 'higher_is_better')).toBe(null);
  });
  test('is none where the test sets differ or a value is missing', () => {
    expect(changeOf(metric(0.95, { comparable: false }), base, 'higher_is_better', 0.1)).toBe(null);
    expect(changeOf(metric(null), base, 'higher_is_better', 0.1)).toBe(null);
    expect(changeOf(metric(1), undefined, 'higher_is_better', 0.1)).toBe(null);
  });
  test('one outlier does not flatten the others', () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      version(`${index}`, { m: metric(index === 7 ? 1e6 : 1 + index / 100) }),
    );
    const against = { commit: '0', environment: null, metrics: { m: metric(1) } };
    expect(reachOf(many, 'm', against)).toBeLessThan(1);
  });
});
