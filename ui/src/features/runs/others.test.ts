import { describe, expect, it } from 'vitest';
import type { OtherRuns } from '$generated/bindings';
import { fits, isOurs, markName, metricsOf, readMarks, rowsOf, sorted, triedOf, writeMarks } from './others';

const others = {
  foreign_runs: [
    {
      id: 'ab'.repeat(16),
      name: null,
      experiment: 'digits',
      status: 'finished',
      started: '2026-01-02T00:00:00Z',
      ended: null,
      commit: null,
      orphan: 'no_commit',
      deleted: false,
      metrics: {
        accuracy: { value: null, why: 'NaN', step: 0, at: null },
        loss: { value: 0.5, why: null, step: 0, at: null },
      },
      params: {},
      tags: {},
      source: 'mlflow_files',
      file: 'mlruns/0/ab',
    },
  ],
  experiments: [
    {
      name: 'quick,fox',
      reference: 'refs/exps/ab/cd/quick,fox',
      commit: 'c'.repeat(40),
      base: 'b'.repeat(40),
      base_known: true,
      author: 'Ada',
      time: '2026-01-03T00:00:00Z',
      metrics: { loss: { value: 0.25, low: null, high: null, run: null, source: 'file', comparable: null } },
      params: {},
    },
  ],
  problems: [],
  truncated: false,
} as unknown as OtherRuns;

describe('runs of other tools', () => {
  const rows = rowsOf(others);

  it('stand in one list, each with its source', () => {
    expect(rows.map(({ source, name }) => [source, name])).toEqual([
      ['mlflow', 'abababab'],
      ['dvc', 'quick,fox'],
    ]);
    expect(metricsOf(rows)).toEqual(['loss', 'accuracy']);
    expect(rows[0]?.metrics.accuracy).toEqual({ value: null, why: 'NaN' });
  });

  it('say what somebody tried: the parameters that differ', () => {
    const tried = rows.map((row, at) => ({ ...row, params: { lr: String(at), seed: '7' } }));
    expect(triedOf(tried)).toEqual(['lr']);
    expect(triedOf(tried.slice(0, 1))).toEqual([]);
  });

  it('are sorted with what has no value last', () => {
    const names = (column: string, descending: boolean): string[] =>
      sorted(rows, { column, descending }).map(({ source }) => source);
    expect(names('loss', false)).toEqual(['dvc', 'mlflow']);
    expect(names('loss', true)).toEqual(['mlflow', 'dvc']);
    expect(names('started', true)).toEqual(['dvc', 'mlflow']);
  });

  it('are found by their words', () => {
    expect(rows.filter((row) => fits(row, undefined, ['digits', 'finished']))).toHaveLength(1);
    expect(rows.filter((row) => fits(row, 'Mend it', ['mend']))).toHaveLength(2);
  });

  it('keep their marks in an address, whatever their names', () => {
    const marks = ['refs/exps/ab/cd/quick,100%', 'ab'.repeat(16)];
    expect(readMarks(writeMarks(marks))).toEqual(marks);
    expect(writeMarks([])).toBeNull();
    expect(markName('ab'.repeat(16), rows)).toBe('abababab');
  });

  it('are told from ours by their ids', () => {
    expect(isOurs('01J9ZK3M8Q4R5T6V7W8X9Y0ZAB')).toBe(true);
    expect(isOurs('ab'.repeat(16))).toBe(false);
    expect(isOurs('0123456789abcdef0123456789abcdef')).toBe(false);
  });
});
