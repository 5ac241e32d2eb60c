import type { ChartAnswer } from '$charts';
import type { CommandMap } from '$generated/bindings';
import chart from '../fixtures/chart-versions.json';
import { fakeHost, type FakeHost } from '../support/host';

type History = CommandMap['history']['answer'];
export type Version = History['commits'][number];
type Metric = Version['metrics'][string];

export const id = (place: number): string => place.toString(16).padStart(8, '0').repeat(5);

export function metric(value: number | null, more: Partial<Metric> = {}): Metric {
  const ends = value === null ? { low: null, high: null } : { low: value - 0.01, high: value + 0.01 };
  return { value, ...ends, run: null, source: 'run', comparable: true, ...more };
}

/** A straight line of versions, newest first: the newest is number `size`. */
export function versions(size: number): Version[] {
  return Array.from({ length: size }, (_, index): Version => {
    const place = size - index;
    return {
      commit: id(place),
      parents: place > 1 ? [id(place - 1)] : [],
      subject: `Change number ${place}`,
      author: place % 2 ? 'Ana Beltrán' : 'Bo Lind',
      time: new Date(Date.UTC(2026, 0, 1) + place * 3_600_000).toISOString(),
      tags: place === 2 ? ['v1.0.0'] : [],
      environments: place === 3 ? ['production'] : [],
      stages: [],
      metrics: { accuracy: metric(0.5 + (place % 10) / 25), log_loss: metric(1 - (place % 10) / 20) },
    };
  });
}

export const CATALOGUE: CommandMap['metrics']['answer'] = [
  {
    name: 'accuracy',
    label: 'Accuracy',
    task: 'classification',
    direction: 'higher_is_better',
    is_share: true,
  },
  {
    name: 'log_loss',
    label: 'Log loss',
    task: 'classification',
    direction: 'lower_is_better',
    is_share: false,
  },
];

const REPOSITORY: CommandMap['repository']['answer'] = {
  repo: 'r',
  name: 'digits',
  path: '/somewhere/digits',
  branch: 'main',
  head: id(1),
  default_branch: 'main',
  branches: ['main', 'topic'],
  tags: ['v1.0.0'],
  models: [],
  remotes: [],
  identity: null,
  bare: false,
  changed_files: 0,
  remarks: [],
};

/** A backend with these versions, of which `production` desires number 3. */
export function historyHost(commits: Version[], more: Parameters<typeof fakeHost>[0] = {}): FakeHost {
  const desired = commits.find((version) => version.environments.includes('production'));
  const environments = {
    environments: desired
      ? [{ environment: 'production', desired: { deployment: { version: desired.commit, metrics: {} } } }]
      : [],
  } as unknown as CommandMap['environments']['answer'];
  return fakeHost({
    metrics: CATALOGUE,
    repository: REPOSITORY,
    environments,
    runs: [],
    chart: chart as unknown as ChartAnswer,
    history: { model: 'digits', commits, problems: [] },
    ...more,
  });
}
