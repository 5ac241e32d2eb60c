import { expect, test } from 'vitest';
import { fits } from '../../src/views/fuzzy';

const best = (words: string, texts: string[]): string | undefined =>
  texts
    .map((text) => ({ text, score: fits(words, text) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)[0]?.text;

test('whole words come before letters strewn about', () => {
  expect(best('his', ['Settings: the highest', 'History', 'a thing'])).toBe('History');
});

test('beginnings come before middles', () => {
  expect(best('run', ['prune', 'Runs'])).toBe('Runs');
});

test('initials fit', () => {
  expect(best('wl', ['wide-layer', 'world'])).toBe('wide-layer');
});

test('every word must occur', () => {
  expect(fits('main zebra', 'main')).toBe(0);
  expect(fits('layer wide', 'wide-layer')).toBeGreaterThan(0);
});
