import { describe, expect, test } from 'vitest';
import type { LiveRun } from '$generated/bindings';
import { curveGroups, valuesOf } from './curves';

type Point = LiveRun['points'][number];
const point = (step: number, values: Record<string, number | null>): Point =>
  ({ step, epoch: 1, wall_millis: step, ...values }) as Point;

describe('the curves of a log', () => {
  test('are grouped by what they measure: loss first, the learning rate last, train before validation', () => {
    const points = [
      point(1, { 'train/loss': 2 }),
      point(2, {
        learning_rate: 0.1,
        'validation/loss': 1,
        'validation/accuracy': 0.5,
        'train/accuracy': 0.6,
        'train/loss_epoch': 1.5,
      }),
    ];
    expect(curveGroups(points)).toEqual([
      { id: 'loss', metrics: ['train/loss', 'validation/loss'] },
      { id: 'accuracy', metrics: ['train/accuracy', 'validation/accuracy'] },
      { id: 'learning_rate', metrics: ['learning_rate'] },
    ]);
  });

  test('of an epoch stay where there is no finer one', () => {
    expect(curveGroups([point(1, { 'train/loss_epoch': 1 })])).toEqual([
      { id: 'loss_epoch', metrics: ['train/loss_epoch'] },
    ]);
  });

  test('leave out what was not finite', () => {
    expect(valuesOf([point(1, { a: 1 }), point(2, { a: null }), point(3, { b: 2 })], 'a')).toEqual([1]);
  });
});
