import { describe, expect, it } from 'vitest';
import { places, suggested } from '$features/promote/choice';
import { changedGates, changedPaths, changedTrailers, differences } from '$features/promote/differences';
import { parseMessage, trailer } from '$features/promote/message';
import { shortened } from '$features/promote/paths';
import { askedReason, cleanReason, lettersOf } from '$features/promote/reason';
import { before, NEWEST, promotions } from './answers';

describe('the message of a deployment commit', () => {
  it('falls into subject, sentence and trailers', () => {
    const message = parseMessage(promotions.ready.message);
    expect(message.subject).toBe('Promote digits v1.1.0 to staging');
    expect(message.body).toMatch(/^All 3 gates pass\./);
    expect(message.trailers.map((one) => one.key)).toContain('Release-Digest');
    expect(trailer(promotions.ready.message, 'Previous')).toMatch(/^sha256:/);
    expect(trailer(promotions.first.message, 'Previous')).toBeNull();
  });

  it('takes a last paragraph that is none for a sentence', () => {
    expect(parseMessage('One\n\nNote: this is\nnot all trailers')).toEqual({
      subject: 'One',
      body: 'Note: this is\nnot all trailers',
      trailers: [],
    });
    expect(parseMessage('')).toEqual({ subject: '', body: '', trailers: [] });
  });
});

describe('what differs between two previews', () => {
  it('is nothing where they say the same', () => {
    expect(differences(promotions.ready, structuredClone(promotions.ready))).toEqual([]);
    expect(changedPaths(promotions.ready, promotions.ready).size).toBe(0);
  });

  it('names parent, release, gates and trailers', () => {
    const now = structuredClone(promotions.ready);
    now.parent = 'c216e131fb2520dd74a6a8358babbc67684ac6ab';
    now.release = 'v1.2.0';
    now.message = now.message.replace('Sequence: 2', 'Sequence: 3');
    now.gates = now.gates.map((gate, index) =>
      index === 0 ? { ...gate, state: 'failed', why: 'it is 0.9' } : gate,
    );
    now.notes = ['the rules moved'];
    expect(differences(promotions.ready, now).map((one) => one.what)).toEqual([
      'Stands on',
      'Release',
      'Gate accuracy at least 0.95',
      'Sequence',
      'Note: the rules moved',
    ]);
    expect([...changedGates(promotions.ready, now)]).toEqual(['accuracy at least 0.95']);
    expect([...changedTrailers(promotions.ready, now)]).toEqual(['Sequence']);
  });

  it('finds the files whose change is another one', () => {
    const now = {
      ...promotions.ready,
      diff: promotions.ready.diff.replace('+release: v1.1.0', '+release: v1.2.0'),
    };
    expect([...changedPaths(promotions.ready, now)]).toEqual([
      'environments/staging/digits/release/deployment.yaml',
    ]);
  });
});

describe('a path', () => {
  it('is shown with its digests cut', () => {
    expect(shortened(`evidence/${'ab'.repeat(32)}/bom.json`)).toBe('evidence/abababababab…/bom.json');
    expect(shortened('environments/staging/digits/release/')).toBe('environments/staging/digits/release/');
  });
});

describe('the reason of an override', () => {
  it('is one line of what can be seen', () => {
    expect(cleanReason('  the\tpilot \n is\u202e on \u200bMonday  ')).toBe('the pilot is on Monday');
    expect(lettersOf('\u200b'.repeat(20))).toBe(0);
    expect(cleanReason('x'.repeat(600))).toHaveLength(500);
  });

  it('is asked for from ten characters on', () => {
    expect(askedReason('   nine on 9  ')).toBeNull();
    expect(askedReason('ten of 10!')).toBe('ten of 10!');
  });
});

describe('the environment that is suggested', () => {
  const [staging, production] = before.environments;
  if (!staging || !production) throw new Error('the fixture has two environments');

  it('is the first that may follow', () => {
    expect(suggested(places(before.environments, 'digits', { version: NEWEST, run: null }))).toBe('staging');
  });

  it('is the next where the first has it already', () => {
    const desired = staging.desired && {
      ...staging.desired,
      deployment: { ...staging.desired.deployment, version: NEWEST },
    };
    const now = [{ ...staging, desired }, production];
    const found = places(now, 'digits', { version: NEWEST, run: null });
    expect(found.map(({ has, waits }) => ({ has, waits }))).toEqual([
      { has: true, waits: false },
      { has: false, waits: false },
    ]);
    expect(suggested(found)).toBe('production');
    expect(suggested(places(now, 'digits', { version: NEWEST, run: 'another' }))).toBe('staging');
  });

  it('is none where none is declared, and never one of another model', () => {
    const undeclared = [
      { ...staging, declared: false },
      { ...production, model: 'other' },
    ];
    expect(suggested(places(undeclared, 'digits', { version: NEWEST, run: null }))).toBeNull();
    const two = [...before.environments, { ...staging, model: 'other' }];
    expect(places(two, null, { version: NEWEST, run: null }).map((one) => one.state.model)).toEqual([
      'digits',
      'digits',
    ]);
  });
});
