import { describe, expect, test } from 'vitest';
import { isOfKind, isSame, overridesOf, type Setting } from './overriding';

describe('a setting', () => {
  test.each([
    ['20', 'integer', true],
    ['-1', 'integer', true],
    ['2.5', 'integer', false],
    ['', 'integer', false],
    ['1e-3', 'number', true],
    ['.5', 'number', true],
    ['0x10', 'number', false],
    ['abc', 'number', false],
    ['true', 'boolean', true],
    ['yes', 'boolean', false],
    ['cosine', 'text', true],
    [' ', 'text', false],
  ] as const)('%s may be of kind %s: %s', (text, kind, fine) => {
    expect(isOfKind(text, kind)).toBe(fine);
  });

  test('is the same however it is written', () => {
    expect(isSame('0.001', '1e-3', 'number')).toBe(true);
    expect(isSame(' 20 ', '20', 'integer')).toBe(true);
    expect(isSame('1e1', '10', 'text')).toBe(false);
    expect(isSame('', '0', 'number')).toBe(false);
  });

  test('is asked for only where it differs from the manifest', () => {
    const settings: Setting[] = [
      { key: 'train.epochs', value: '20', kind: 'integer' },
      { key: 'train.lr', value: '0.001', kind: 'number' },
      { key: 'train.shuffle', value: 'true', kind: 'boolean' },
    ];
    const values = { 'train.epochs': ' 5 ', 'train.lr': '1e-3', 'train.shuffle': 'true', 'train.gone': '1' };
    expect(overridesOf(settings, values, { 'train.label_smoothing': '0.1' })).toEqual({
      'train.epochs': '5',
      'train.label_smoothing': '0.1',
    });
  });
});
