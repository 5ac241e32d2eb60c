import { expect, test } from 'vitest';
import { NO_CHOICES, readState, requestFor, writeState, type ChartState } from './state';

test('choices survive an address', () => {
  const state: ChartState = {
    by: 'wall_time',
    smooth: 0.63,
    log_x: true,
    log_y: true,
    x_range: [1772442001.5, 1772442099.25],
    table: true,
    hidden: ['01JX/train~loss', 'x y'],
  };
  expect(readState(writeState(state))).toEqual(state);
  expect(writeState(NO_CHOICES)).toBe('');
});

test('what makes no sense is left out', () => {
  expect(readState('s7~x5,1~x1~nonsense~%E0%A4%A')).toEqual({ ...NO_CHOICES, smooth: 0.99 });
  expect(readState(null)).toEqual(NO_CHOICES);
});

test('versions are asked for without what only curves have', () => {
  const state = { ...NO_CHOICES, smooth: 0.5, log_x: true, log_y: true };
  const versions = requestFor({ metrics: ['accuracy'] }, state, 800, 300);
  expect(versions).toMatchObject({ smooth: 0, log_x: false, log_y: true, by: null, width: 800 });
  const curves = requestFor({ metrics: ['train/loss'], runs: ['r'] }, state, 800, 300);
  expect(curves).toMatchObject({ smooth: 0.5, log_x: true });
  expect(requestFor({ metrics: ['train/loss'], runs: ['r'], by: 'wall_time' }, state, 800, 300).log_x).toBe(
    false,
  );
});
