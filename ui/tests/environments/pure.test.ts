import { describe, expect, it } from 'vitest';
import type { DeploymentEntry, Environments } from '$generated/bindings';
import { comparables } from '$features/environments/comparing';
import { howLong } from '$features/environments/lasting';
import { rules } from '$features/environments/rules';
import { earlier, lasted, rollbackTarget, timeline } from '$features/environments/timeline';
import answer from '../fixtures/environments.json';

const all = answer as unknown as Environments;
const [staging, production] = all.environments;
if (!staging || !production) throw new Error('the fixture has two environments');

describe('a timeline', () => {
  it('says what each step is and how long it was desired', () => {
    const steps = timeline(staging, []);
    expect(steps.map(({ kind, desired }) => [kind, desired])).toEqual([
      ['rollback', true],
      ['promotion', false],
      ['promotion', false],
      ['promotion', false],
    ]);
    const now = Date.parse('2026-11-24T10:35:03Z');
    expect(steps.map((step) => lasted(step, now))).toEqual([60_000, 2_000, 2_000, 130_000]);
  });

  it('does not say how long where a commit by hand ended it', () => {
    const [newest] = timeline(
      { ...production, desired: production.desired && { ...production.desired, commit: null } },
      [],
    );
    expect(newest).toMatchObject({ desired: false });
    expect(newest && lasted(newest, Date.now())).toBeNull();
  });

  it('puts commits by hand where they belong, each list in its own order', () => {
    const entry = (commit: string, time: string): DeploymentEntry => ({
      commit,
      author: 'Ada',
      email: '',
      time,
      subject: commit,
      promoted: null,
      problem: null,
    });
    const hand = [
      entry('newest', '2026-11-24T11:00:00Z'),
      entry('between', '2026-11-24T10:34:02Z'),
      entry('odd', '?'),
    ];
    const steps = timeline(staging, hand);
    expect(
      steps.map((step) => (step.entry.promoted ? step.entry.promoted.sequence : step.entry.commit)),
    ).toEqual(['newest', 4, 'between', 3, 2, 1, 'odd']);
    expect(steps[0]).toMatchObject({ kind: 'by_hand', from: null });
  });

  it('knows what a rollback goes back to', () => {
    expect(earlier(staging)?.release).toBe('v1.2.0');
    expect(earlier(production)).toBeNull();
    expect(rollbackTarget(staging)).toEqual({ to: null, release: 'v1.2.0' });
  });

  it('goes back to the newest promotion where a hand changed what is desired', () => {
    expect(production.desired?.commit).toBeNull();
    expect(rollbackTarget(production)).toEqual({ to: production.history[0]?.commit, release: 'v1.1.0' });
    expect(rollbackTarget({ ...staging, desired: null, problem: 'no YAML' })).toEqual({
      to: staging.history[0]?.commit,
      release: 'v1.1.0',
    });
    expect(rollbackTarget({ ...staging, desired: null, history: [] })).toBeNull();
  });

  it('says how long in words, by the minute while it goes on', () => {
    const [rollback, promotion] = timeline(staging, []);
    const since = Date.parse('2026-11-24T10:34:03Z');
    expect(rollback && howLong(rollback, since + 90_000)).toBe('1 min so far');
    expect(rollback && howLong(rollback, since + 5_000)).toBe('Since just now');
    expect(promotion && howLong(promotion, since)).toBe('2 s');
  });
});

describe('rules in words', () => {
  it('say what holds', () => {
    expect(rules({ ...staging, auto_promote: true, requires: ['signature', 'second_approval'] })).toEqual([
      'A candidate that is ready is promoted without being asked for.',
      'A promotion must be signed.',
      'A promotion needs a second approval.',
    ]);
    expect(rules(production)).toEqual(['Only what staging desires may follow.']);
    expect(rules(staging)).toEqual(['Any version that passes its gates may be promoted here.']);
    expect(rules({ ...staging, declared: false })[0]).toMatch(/does not declare it/);
  });
});

describe('what an environment can be compared with', () => {
  it('is the others, what was before, and the newest version', () => {
    const found = comparables(staging, all.environments, 'main');
    expect(found.map((one) => [one.label, one.pair, one.hint ?? null])).toEqual([
      [expect.stringMatching(/^production \(/), { a: 'production', b: 'staging' }, expect.anything()],
      ['what it desired before (v1.2.0)', { a: '01M86HRBTVJPAYSY3J5S4P6GH4', b: 'staging' }, null],
      ['the newest version on main', { a: 'staging', b: 'main' }, null],
    ]);
  });

  it('is nothing where nothing is desired, and nothing of another model', () => {
    expect(comparables({ ...staging, desired: null }, all.environments, 'main')).toEqual([]);
    expect(comparables(staging, [{ ...production, model: 'other' }], null).map((one) => one.label)).toEqual([
      'what it desired before (v1.2.0)',
    ]);
  });
});
