import { describe, expect, test } from 'vitest';
import { parseFilter, passes, type Subject } from './filter';

const METRICS = ['accuracy', 'ece15', 'train/loss'];
const REVISIONS = ['main', 'wider-net', 'v1.2.0'];
const read = (text: string) => parseFilter(text, { metrics: METRICS, revisions: REVISIONS });
const why = (text: string): string =>
  read(text)
    .mistakes.map((mistake) => mistake.why)
    .join(' ');

test('the whole language at once', () => {
  expect(read('accuracy>0.9 branch:main touched:data/ author:ana tag:v1 env:production wider net')).toEqual({
    branch: 'main',
    touched: 'data/',
    conditions: [
      { kind: 'metric', name: 'accuracy', comparison: '>', value: 0.9, not: false },
      { kind: 'author', text: 'ana', not: false },
      { kind: 'tag', text: 'v1', not: false },
      { kind: 'env', text: 'production', not: false },
      { kind: 'text', text: 'wider', not: false },
      { kind: 'text', text: 'net', not: false },
    ],
    mistakes: [],
  });
});

test.each([
  ['accuracy>=90%', '>=', 0.9],
  ['Accuracy<=.5', '<=', 0.5],
  ['ece15<1e-2', '<', 0.01],
  ['train/loss!=0', '!=', 0],
  ['accuracy=-1', '=', -1],
])('%s is a comparison', (text, comparison, value) => {
  expect(read(text)).toMatchObject({ conditions: [{ kind: 'metric', comparison, value }], mistakes: [] });
});

test('quotes hold spaces together and take the meaning out of signs', () => {
  expect(read('author:"Ana B" "fix: a>b"').conditions).toEqual([
    { kind: 'author', text: 'Ana B', not: false },
    { kind: 'text', text: 'fix: a>b', not: false },
  ]);
});

test('a minus turns a condition around', () => {
  expect(read('-author:bot -accuracy>0.5 a-b -').conditions.map(({ not }) => not)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('subjects as people write them are text', () => {
  expect(read('fix: typo').conditions).toEqual([
    { kind: 'text', text: 'fix:', not: false },
    { kind: 'text', text: 'typo', not: false },
  ]);
});

describe('what has no meaning is told, with its place, and the rest holds', () => {
  test('where', () => {
    const filter = read('wider  accurcy>0.9 net');
    expect(filter.mistakes).toMatchObject([{ from: 7, to: 18 }]);
    expect(filter.conditions).toHaveLength(2);
  });
  test.each([
    ['accurcy>0.9', 'There is no metric “accurcy”. Did you mean “accuracy”?'],
    ['auc>0.9', 'There is no metric “auc”. There are: accuracy, ece15, train/loss.'],
    ['accuracy>', 'A number is missing after “accuracy>”.'],
    ['accuracy>high', '“high” is no number; write for example accuracy>0.9 or accuracy>90%.'],
    ['accuracy>%', '“%” is no number; write for example accuracy>0.9 or accuracy>90%.'],
    [
      'autor:ana',
      'There is no filter “autor:”. Did you mean “author:”? In quotes it is searched for as text.',
    ],
    [
      'seed:7',
      'There is no filter “seed:”. There are: branch:, touched:, author:, tag:, env:. In quotes it is searched for as text.',
    ],
    ['branch:', 'The name of a branch is missing after “branch:”.'],
    ['branch:main branch:v1.2.0', '“branch:” can stand only once.'],
    ['branch:mian', 'There is no branch “mian”. Did you mean “main”?'],
    ['branch:other', 'There is no branch “other”. There are: main, wider-net, v1.2.0.'],
    ['-touched:data', '“touched:” cannot be turned around with a minus.'],
    ['author:"ana', 'The quote is never closed.'],
  ])('%s', (text, expected) => {
    expect(why(text)).toBe(expected);
  });
  test('no metric at all', () => {
    expect(parseFilter('f1>0', { metrics: [], revisions: null }).mistakes[0]?.why).toContain(
      'No version has a metric yet.',
    );
  });
});

test('what only the backend can judge is a revision', () => {
  for (const branch of ['deadbeef', 'HEAD~2', 'origin/topic'])
    expect(read(`branch:${branch}`)).toMatchObject({ branch, mistakes: [] });
  expect(parseFilter('branch:any', { metrics: [], revisions: null }).branch).toBe('any');
});

describe('passing', () => {
  const subject: Subject = {
    commit: 'abcdef0123456789',
    subject: 'Train a wider net',
    author: 'Ana Beltrán',
    tags: ['digits@v1.2.0'],
    environments: ['production'],
    metrics: { accuracy: { value: 0.93 }, ece15: { value: null } },
  };
  test.each([
    ['accuracy>0.9 wider', true],
    ['accuracy>0.93', false],
    ['accuracy>=93%', true],
    ['author:beltr tag:v1 env:prod', true],
    ['ece15<1', false],
    ['ece15!=1', false],
    ['train/loss<1', false],
    ['-author:bot', true],
    ['-wider', false],
    ['abcde', true],
    ['abc', false],
  ])('%s: %s', (text, expected) => {
    expect(passes(subject, read(text).conditions)).toBe(expected);
  });
});
