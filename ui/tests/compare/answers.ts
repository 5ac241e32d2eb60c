import type { CommandMap, Comparison, ComparedSides } from '$generated/bindings';
import chart from '../fixtures/chart-curves.json';
import answersOf from '../fixtures/compare.json';
import { fakeHost, type FakeHost } from '../support/host';

type Answer<K extends keyof CommandMap> = CommandMap[K]['answer'];

/** Answers of the real backend to the digits sample: a regression, a candidate that may ship, a comparison of files. */
export const answers = answersOf as unknown as {
  repository: Answer<'repository'>;
  environments: Answer<'environments'>;
  history: Answer<'history'>;
  runs: Answer<'runs'>;
  metrics: Answer<'metrics'>;
  blocked: ComparedSides;
  ready: ComparedSides;
  example: Answer<'example'>;
  diff: Answer<'text_diff'>;
  regression: Comparison;
};

/** A backend that compares as told; the rest is the sample's. */
export function comparing(
  compare: ComparedSides | (() => Promise<ComparedSides>),
  more: Parameters<typeof fakeHost>[0] = {},
): FakeHost {
  return fakeHost({
    repository: answers.repository,
    environments: answers.environments,
    history: answers.history,
    runs: answers.runs,
    metrics: answers.metrics,
    compare,
    gates: {
      gates: [],
      decision: 'blocked',
      why: '',
      obstacles: [],
      first_deployment: false,
      notes: [],
    },
    example: (args) => ({ ...answers.example, id: args.id }),
    text_diff: (args) => ({ ...answers.diff, path: args.path }),
    chart: chart as unknown as Answer<'chart'>,
    ...more,
  });
}
