import { describe, expect, test } from 'vitest';
import {
  age,
  bytes,
  changeInterval,
  duration,
  interval,
  metricChange,
  metricValue,
  number,
  percent,
  plural,
  probability,
  visible,
} from '$domain';

const share = { is_share: true };
const plain = { is_share: false };

describe('text from a repository', () => {
  test.each([
    ['plain text, ümläut, 数字 and 🚢', 'plain text, ümläut, 数字 and 🚢'],
    ['two\tcolumns\nand lines', 'two\tcolumns\nand lines'],
    ['evil\u202etxt.exe', 'evil⟨U+202E⟩txt.exe'],
    ['\u2066isolated\u2069', '⟨U+2066⟩isolated⟨U+2069⟩'],
    ['\u001b[31mred\u001b[0m', '⟨U+001B⟩[31mred⟨U+001B⟩[0m'],
    ['nothing\u0000here\u007f', 'nothing⟨U+0000⟩here⟨U+007F⟩'],
    ['zero\u200bwidth\ufeff', 'zero⟨U+200B⟩width⟨U+FEFF⟩'],
    ['pass\u200dword', 'pass⟨U+200D⟩word'],
    ['👩\u200d💻 wrote it', '👩\u200d💻 wrote it'],
    ['tag\u{e0041}', 'tag⟨U+E0041⟩'],
    ['line\u2028break\r', 'line⟨U+2028⟩break⟨U+000D⟩'],
  ])('%j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});

describe('numbers', () => {
  test('what is missing is no zero', () => {
    for (const missing of [null, undefined, Number.NaN, Infinity]) {
      expect([
        number(missing),
        percent(missing),
        metricValue(missing, share),
        metricChange(missing, share),
      ]).toEqual(['–', '–', '–', '–']);
    }
  });

  test('metrics: shares in per cent, others with four digits', () => {
    expect(metricValue(0.9533, share)).toBe('95.3 %');
    expect(metricValue(0.0481, plain)).toBe('0.0481');
    expect(metricValue(12.3456, plain)).toBe('12.35');
    expect(metricValue(-0.5, plain)).toBe('−0.5000');
    expect(metricValue(0.9533, undefined)).toBe('0.9533');
  });

  test('changes carry their sign', () => {
    expect(metricChange(0.027, share)).toBe('+2.7 pts');
    expect(metricChange(-0.0041, plain)).toBe('−0.0041');
    expect(metricChange(0, share)).toBe('±0.0 pts');
    expect(metricChange(0.0004, share)).toBe('+0.04 pts');
  });

  test('intervals name their unit once', () => {
    expect(interval(0.941, 0.962, share)).toBe('94.1…96.2 %');
    expect(changeInterval(-0.004, 0.011, share)).toBe('−0.4…+1.1 pts');
    expect(interval(null, 0.9, share)).toBe('–');
  });

  test('the very large and the very small', () => {
    expect(number(1234567)).toBe('1,234,567');
    expect(number(0.00001234)).toBe('1.23e-5'.replace('-', '−'));
    expect(probability(0.0002)).toBe('p < 0.001');
    expect(probability(0.0234)).toBe('p = 0.023');
  });

  test('amounts', () => {
    expect(bytes(1536)).toBe('1.5 KiB');
    expect(bytes(12)).toBe('12 B');
    expect(plural(1, 'run')).toBe('1 run');
    expect(plural(1200, 'run')).toBe('1,200 runs');
    expect(duration(840)).toBe('840 ms');
    expect(duration(12_400)).toBe('12.4 s');
    expect(duration(200_000)).toBe('3 min 20 s');
    expect(duration(59_999)).toBe('60 s');
    expect(duration(7_500_000)).toBe('2 h 5 min');
  });
});

test('ages', () => {
  const now = Date.parse('2026-03-02T12:00:00Z');
  expect(age('2026-03-02T11:59:40Z', now)).toBe('just now');
  expect(age('2026-03-02T11:57:00Z', now)).toBe('3 min. ago');
  expect(age('2026-03-01T12:00:00Z', now)).toBe('yesterday');
  expect(age('2025-12-02T12:00:00Z', now)).toBe('3 mo. ago');
  expect(age('nonsense', now)).toBe('–');
});
