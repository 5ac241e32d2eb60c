import { describe, expect, it } from 'vitest';
import type { Flip, Flips } from '$generated/bindings';
import { ALL_FLIPS, isFiltered, listed, readFilter, truths, writeFilter, type FlipFilter } from './flips';

const flip = (id: string, kind: Flip['kind'], truth: string, a: string, b: string, sure: number): Flip => ({
  id,
  kind,
  truth,
  a,
  b,
  confidence_a: kind === 'fixed' ? sure : 0.1,
  confidence_b: kind === 'fixed' ? 0.1 : sure,
});

const flips: Flips = {
  fixed: 1,
  broken: 2,
  changed: 1,
  total: 4,
  examples: [
    flip('row-10', 'changed', '10', '1', '2', 0.99),
    flip('Row-2', 'broken', '9', '9', '1', 0.6),
    flip('row-3', 'fixed', '2', '1', '2', 0.95),
    flip('row-4', 'broken', '9', '9', '4', 0.9),
  ],
};
const ids = (filter: Partial<FlipFilter>): string[] =>
  listed(flips, { ...ALL_FLIPS, ...filter }).map((one) => one.id);

describe('listed', () => {
  it('begins with what broke, the surest mistakes first', () => {
    expect(ids({})).toEqual(['row-4', 'Row-2', 'row-3', 'row-10']);
  });

  it('keeps what fits every part of the filter', () => {
    expect(ids({ kind: 'broken' })).toEqual(['row-4', 'Row-2']);
    expect(ids({ truth: '9', id: 'W-2' })).toEqual(['Row-2']);
    expect(ids({ kind: 'fixed', truth: '9' })).toEqual([]);
  });

  it('takes a cell of a difference for what went in and what went out', () => {
    expect(ids({ cell: { truth: '9', predicted: '9', side: 'change' } })).toEqual(['row-4', 'Row-2']);
    expect(ids({ cell: { truth: '9', predicted: '9', side: 'b' } })).toEqual([]);
    expect(ids({ cell: { truth: '9', predicted: '4', side: 'b' } })).toEqual(['row-4']);
    expect(ids({ cell: { truth: '9', predicted: '4', side: 'a' } })).toEqual([]);
  });
});

it('lists true classes in reading order', () => {
  expect(truths(flips)).toEqual(['2', '9', '10']);
});

describe('an address', () => {
  it('keeps a filter, whatever the classes are called', () => {
    const filter: FlipFilter = {
      kind: 'fixed',
      truth: 'a & b=c',
      cell: { truth: '"x"', predicted: 'ü;y', side: 'a' },
      id: '7',
    };
    expect(readFilter(writeFilter(filter))).toEqual(filter);
    expect(readFilter(writeFilter({ ...ALL_FLIPS, truth: '' })).truth).toBe('');
  });

  it('that makes no sense filters nothing', () => {
    expect(readFilter('k=nonsense&c=%5B1%5D')).toEqual(ALL_FLIPS);
    expect(readFilter('c={')).toEqual(ALL_FLIPS);
    expect(readFilter(null)).toEqual(ALL_FLIPS);
    expect(writeFilter(ALL_FLIPS)).toBe('');
    expect(isFiltered(ALL_FLIPS)).toBe(false);
  });
});
