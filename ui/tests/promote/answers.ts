import type { Environments, History, PromotionAnswer, RepositoryInfo } from '$generated/bindings';
import environmentsOf from '../fixtures/environments.json';
import promotionsOf from '../fixtures/promotions.json';

/** Answers of the real backend to the digits sample. */
export const promotions = promotionsOf as unknown as Record<
  'first' | 'ready' | 'blocked' | 'override' | 'unchanged' | 'rollback',
  PromotionAnswer
>;

const all = environmentsOf as unknown as Environments;

/** As they stood when the sample's newest version was about to be promoted to staging. */
export const before: Environments = {
  ...all,
  other: [],
  environments: all.environments.map((state) => {
    if (state.environment !== 'staging') return { ...state, desired: null, history: [] };
    const desired = state.desired && {
      ...state.desired,
      deployment: {
        ...state.desired.deployment,
        release: 'v1.0.0',
        version: 'f11d2427d01633e8be3df706d6a5f9dc06698225',
      },
    };
    return { ...state, desired };
  }),
};

export const NEWEST = '6507ba0d642b4d35d1570d20c54a0219977730ba';

export const history: History = {
  model: 'digits',
  problems: [],
  commits: [
    {
      commit: NEWEST,
      parents: ['f618d4d2'],
      subject: 'Train for 20 epochs from a higher rate',
      author: 'Ada Lovelace',
      time: '2026-11-24T10:30:00Z',
      tags: [],
      environments: [],
      stages: [],
      metrics: {},
    },
  ],
};

export const repository: RepositoryInfo = {
  repo: 'r1',
  name: 'demo',
  path: '/models/demo',
  branch: 'main',
  head: NEWEST,
  default_branch: 'main',
  branches: ['main'],
  tags: [],
  models: [{ name: 'digits', folder: '', problem: null, metrics: ['accuracy', 'f1_macro', 'log_loss'] }],
  remotes: [{ name: 'origin', url: 'https://example.org/demo.git' }],
  identity: { name: 'Ada Lovelace', email: 'ada@example.org' },
  bare: false,
  changed_files: 0,
  remarks: [],
};
