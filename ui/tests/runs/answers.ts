import type { CommandMap, LiveRun, LiveSamples, RunDetail, RunSummary } from '$generated/bindings';
import fixture from '../fixtures/runs.json';

type Answer<K extends keyof CommandMap> = CommandMap[K]['answer'];

export const app = fixture.app as Answer<'app'>;
export const repository = fixture.repository as unknown as Answer<'repository'>;
export const runs = fixture.runs as unknown as RunSummary[];
export const detail = fixture.detail as unknown as RunDetail;
export const failed = fixture.failed as unknown as RunDetail;
export const form = fixture.form as Answer<'training_form'>;
export const data = fixture.data as Answer<'data_status'>;
export const metrics = fixture.metrics as Answer<'metrics'>;
export const log = fixture.log;
export const found = fixture.found as Answer<'look_at_folder'>;
export const noRepository = fixture.no as Answer<'look_at_folder'>;

export const history: Answer<'history'> = {
  model: 'digits',
  problems: [],
  commits: [
    {
      commit: detail.version,
      parents: [],
      subject: 'Train for 20 epochs from a higher rate',
      author: 'Tobias Renner',
      time: '2026-01-20T09:00:00Z',
      tags: [],
      environments: [],
      stages: [],
      metrics: {},
    },
  ],
};

export const environments: Answer<'environments'> = {
  environments: [],
  deploy_tip: null,
  stages: [],
  releases: [],
  other: [],
  problems: [],
  pending: false,
};

const RUNNING = '01M86RUNNINGRUNNINGRUNNING';

export const running: RunSummary = {
  ...(runs[0] as RunSummary),
  run: RUNNING,
  version: detail.version,
  dirty: false,
  status: 'running',
  phase: 'training',
  duration_millis: null,
  metrics: {},
  resumable: false,
};

export function live(repo: string, more: Partial<LiveRun> = {}): LiveRun {
  return {
    repo,
    run: RUNNING,
    number: 4,
    state: 'running',
    phase: 'training',
    plan: {
      epochs: 20,
      steps: 720,
      examples: { train: 1145, validation: 202, test: 450 },
      parameters: 33802,
    },
    points: detail.log.slice(0, 6),
    log: [],
    stopping: false,
    started_at: '2026-11-24T11:00:00Z',
    elapsed_millis: 65_000,
    steps_per_second: 121,
    eta: { low_millis: 130_000, high_millis: 175_000 },
    cause: null,
    ...more,
  };
}

export function samples(repo: string, from: number, more: Partial<LiveSamples> = {}): LiveSamples {
  return {
    repo,
    run: RUNNING,
    from,
    number: from + 1,
    phase: 'training',
    plan: null,
    points: [],
    log: [],
    elapsed_millis: 70_000,
    steps_per_second: 121,
    eta: null,
    stopping: false,
    ended: null,
    ...more,
  };
}

export const recorded = (repo: string, of: RunDetail): LiveRun =>
  live(repo, {
    run: of.run,
    number: 0,
    state: of.status,
    phase: null,
    plan: null,
    points: of.log,
    steps_per_second: null,
    eta: null,
    cause: of.cause,
    elapsed_millis: of.duration_millis,
  });
