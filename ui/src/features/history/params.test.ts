import { describe, expect, it } from 'vitest';
import { paramChange, paramsOf, paramText, shownParams } from './params';
import type { Version } from './rows';

const version = (commit: string, parents: string[], params?: Record<string, unknown>): Version =>
  ({ commit, parents, params }) as unknown as Version;

const versions = [
  version('c', ['b'], { lr: 0.1, country: 'NO', layers: [64, 32] }),
  version('b', ['a'], { lr: 0.01, country: 'NO', layers: [64, 32], seed: 7 }),
  version('a', [], { lr: 0.001, country: 'NO', layers: [64] }),
];
const byCommit = new Map(versions.map((one) => [one.commit, one]));

describe('parameters of versions', () => {
  it('are told as their files have them', () => {
    expect(paramText('NO')).toBe('NO');
    expect(paramText('1.10')).toBe('1.10');
    expect(paramText(true)).toBe('true');
    expect(paramText(null)).toBe('null');
    expect(paramText([64, 32])).toBe('[64,32]');
  });

  it('come in the order of how often they change', () => {
    expect(paramsOf(versions)).toEqual(['lr', 'layers', 'country', 'seed']);
    expect(shownParams(paramsOf(versions), versions, null)).toEqual(['lr', 'layers']);
    expect(shownParams(paramsOf(versions), versions, ['seed', 'gone'])).toEqual(['seed']);
    expect(shownParams(paramsOf(versions), versions, [])).toEqual([]);
  });

  it('say what changed since the parent', () => {
    const [c, b, a] = versions as [Version, Version, Version];
    expect(paramChange(c, 'lr', byCommit)).toEqual({ before: '0.01', now: '0.1' });
    expect(paramChange(c, 'seed', byCommit)).toEqual({ before: '7', now: null });
    expect(paramChange(b, 'layers', byCommit)).toEqual({ before: '[64]', now: '[64,32]' });
    expect(paramChange(c, 'country', byCommit)).toBeNull();
    expect(paramChange(a, 'lr', byCommit)).toBeNull();
    expect(paramChange(version('x', ['unknown'], { lr: 1 }), 'lr', byCommit)).toBeNull();
  });
});
