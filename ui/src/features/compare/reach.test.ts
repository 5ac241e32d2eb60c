import { expect, it } from 'vitest';
import { reaches, reachOf, unitOf, type Spread } from './reach';

const spread = (change: number | null, low: number | null, high: number | null): Spread => ({
  change,
  low,
  high,
  verdict: 'no_clear_change',
});

it('reaches as far from zero as the longest end, on either side', () => {
  expect(reachOf([spread(-0.4, -0.45, -0.36), spread(0.1, -0.02, 0.2)])).toBe(0.45);
  expect(reachOf([spread(null, null, null), spread(Number.NaN, null, Infinity)])).toBe(0);
});

it('shares one scale among shares, and among errors in the unit of the target, but not across', () => {
  expect(unitOf('accuracy', { is_share: true })).toBe(unitOf('recall', undefined));
  expect(unitOf('mae', { is_share: false })).toBe(unitOf('rmse', { is_share: false }));
  expect(unitOf('mse', { is_share: false })).not.toBe(unitOf('rmse', { is_share: false }));
  expect(unitOf('log_loss', { is_share: false })).not.toBe(unitOf('ece15', { is_share: false }));
  expect(unitOf('roc_auc_ovr_macro', { is_share: false })).toBe(unitOf('roc_auc', { is_share: false }));

  const rows = [
    { unit: 'share', ...spread(0.1, 0, 0.2) },
    { unit: 'log_loss', ...spread(-3, -4, -2) },
    { unit: 'share', ...spread(-0.3, -0.5, -0.1) },
  ];
  expect(Object.fromEntries(reaches(rows, (row) => row.unit))).toEqual({ share: 0.5, log_loss: 4 });
});
