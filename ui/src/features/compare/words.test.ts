import { describe, expect, it } from 'vitest';
import type { Comparison, SideInfo } from '$generated/bindings';
import { basisOf } from './basis';
import { logged } from './curves';
import { jsonFile } from './json';
import { infoOf } from './sides';
import { factorText, growth, settingText, shapeText } from './values';

describe('values', () => {
  it('tell null from text and from what is not there', () => {
    expect([settingText('a'), settingText(null), settingText([1, { b: true }])]).toEqual([
      'a',
      'null',
      '[1,{"b":true}]',
    ]);
    expect(settingText('x'.repeat(5_000))).toHaveLength(201);
  });

  it('say how often more, and only where that means something', () => {
    expect(factorText(0.002, 0.003)).toBe('× 1.5');
    expect(factorText(64, 16)).toBe('× 0.25');
    expect(factorText(0, 2)).toBe('+2');
    expect(factorText(1, -1)).toBe('−2');
    expect([factorText('1', 2), factorText(2, 2), factorText(null, 1)]).toEqual([null, null, null]);
  });

  it('grow and shrink in per cent', () => {
    expect([growth(100, 166.1), growth(17_258, 4_442), growth(10, 100)]).toEqual([
      '+66.1 %',
      '−74.3 %',
      '+900 %',
    ]);
    expect([growth(0, 3), growth(null, 3), growth(3, 3)]).toEqual([null, null, null]);
  });

  it('write a shape', () => {
    expect([shapeText([32, 1, 3]), shapeText([]), shapeText(null)]).toEqual(['32 × 1 × 3', '1', '–']);
  });
});

describe('what the numbers rest on', () => {
  const side = { label: 'x', version: null, run: null, test_digest: 'd' };
  const info = (grade: SideInfo['grade'], looks: number | null): SideInfo => ({
    ...infoOf(side, 10),
    grade,
    looks,
  });
  const comparison = (part: object): Comparison =>
    ({
      comparable: true,
      a: side,
      b: side,
      examples: { a: 1000, b: 1000, paired: 1000, only_a: 0, only_b: 0 },
      ...part,
    }) as Comparison;

  it('is one line', () => {
    expect(basisOf(comparison({}), info('repeated', 3), info('repeated', 3), false)).toBe(
      'Same test set (look 3) · 1,000 rows · paired · inference run here',
    );
  });

  it('says what was left out, and which side rests on what', () => {
    const examples = { a: 12, b: 11, paired: 9, only_a: 3, only_b: 2 };
    expect(basisOf(comparison({ examples }), info('asserted', null), info('repeated', null), false)).toBe(
      'Same test set · 9 rows · paired · left out: 3 only in A, 2 only in B · A as somebody wrote it down, B inference run here',
    );
  });

  it('claims no test set that nobody recorded', () => {
    const unknown = { ...side, test_digest: null };
    const line = basisOf(
      comparison({ a: unknown, b: unknown }),
      info('repeated', 1),
      info('repeated', 1),
      false,
    );
    expect(line).toMatch(/^Test set not recorded/);
    expect(
      basisOf(comparison({ comparable: false }), info('repeated', 1), info('repeated', 1), false),
    ).toMatch(/^Not paired/);
  });
});

it('begins the curves with the headline on the validation set, and knows who logged what', () => {
  const curve = (metric: string, a: (number | null)[], b: (number | null)[]) => ({
    metric,
    steps: [1, 2],
    a,
    b,
  });
  const found = logged(
    [
      curve('learning_rate', [1, 1], [1, 1]),
      curve('train/loss', [2, 1], [null, null]),
      curve('validation/accuracy', [0, 1], [0, 1]),
      curve('validation/loss', [2, 1], [2, 1]),
      curve('empty', [null, null], [null, null]),
    ],
    'accuracy',
  );
  expect(found.map((one) => one.metric)).toEqual([
    'validation/accuracy',
    'validation/loss',
    'train/loss',
    'learning_rate',
  ]);
  expect(found[2]).toEqual({ metric: 'train/loss', a: true, b: false });
});

it('writes a file whose letters come back', () => {
  const { base64, mime } = jsonFile('x.json', { name: 'Größe ✓' });
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({ name: 'Größe ✓' });
  expect(mime).toBe('application/json');
});
