import { expect, test } from 'vitest';
import tokens from '../../../assets/tokens.json';

const probe = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

test.each(['light', 'dark'] as const)('the %s theme has the colours of tokens.json', (theme) => {
  document.documentElement.dataset.theme = theme;
  for (const [name, colour] of Object.entries(tokens.color)) {
    expect([name, probe(name)]).toEqual([name, colour[theme]]);
  }
  document.documentElement.dataset.theme = 'light';
});

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

test('high contrast is higher: inks 7:1, lines and controls 4.5:1', () => {
  document.documentElement.dataset.theme = 'contrast';
  for (const ink of ['ink', 'ink-2', 'ink-3']) {
    expect(contrast(probe(ink), probe('canvas')), ink).toBeGreaterThanOrEqual(7);
  }
  for (const line of ['line', 'control']) {
    expect(contrast(probe(line), probe('canvas')), line).toBeGreaterThanOrEqual(4.5);
  }
  document.documentElement.dataset.theme = 'light';
});
