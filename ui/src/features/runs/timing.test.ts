import { describe, expect, test } from 'vitest';
import { etaWords, leftWords, paceWords } from './timing';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const eta = (low_millis: number, high_millis: number) => ({ low_millis, high_millis });

describe('how long it still takes', () => {
  test.each([
    [eta(1 * SECOND, 3 * SECOND), 'a few seconds left'],
    [eta(21 * SECOND, 38 * SECOND), '20–40 s left'],
    [eta(2 * SECOND, 38 * SECOND), 'up to 40 s left'],
    [eta(2.2 * MINUTE, 2.9 * MINUTE), '2–3 min left'],
    [eta(3 * MINUTE, 3 * MINUTE), 'about 3 min left'],
    [eta(20 * SECOND, 4 * MINUTE), 'up to 4 min left'],
    [eta(100 * MINUTE, 130 * MINUTE), '1.5–2.5 h left'],
    [eta(3 * MINUTE, 2 * MINUTE), '2–3 min left'],
  ])('%o is %s', (given, words) => {
    expect(etaWords(given)).toBe(words);
  });

  test('is not said where nobody knows, nor while a run ends', () => {
    expect(etaWords(null)).toBe('');
    const known = eta(MINUTE, 2 * MINUTE);
    expect(leftWords({ eta: known, stopping: false, phase: 'training' })).not.toBe('');
    expect(leftWords({ eta: known, stopping: true, phase: 'training' })).toBe('');
    expect(leftWords({ eta: known, stopping: false, phase: 'recording' })).toBe('');
    expect(leftWords(undefined)).toBe('');
  });
});

test('a pace is told in the unit a person can picture', () => {
  expect(paceWords(121.4)).toBe('121 steps/s');
  expect(paceWords(0.4)).toBe('2.5 s a step');
  expect(paceWords(0)).toBe('');
  expect(paceWords(null)).toBe('');
});
