import type { GateOutcome, PromotionAnswer } from '$generated/bindings';
import { parsePatch, type FileDiff } from './diff';
import { parseMessage } from './message';

/** One thing that is no longer as it was shown. */
export interface Difference {
  /** What it is: `Parent commit`, `Gate accuracy at least 0.95`. */
  what: string;
  before: string | null;
  now: string | null;
}

type Facts = Map<string, string | null>;

/** Trailers whose words the other facts have. */
const SAID_ELSEWHERE = ['Model', 'Model-Version', 'Release', 'Environment'];

function facts(answer: PromotionAnswer): Facts {
  const found: Facts = new Map();
  found.set(
    'Decision',
    answer.commit === null ? 'blocked' : answer.unchanged ? 'desired already' : 'can be promoted',
  );
  found.set('Why', answer.why);
  found.set('Stands on', answer.parent?.slice(0, 12) ?? null);
  found.set('Release', answer.release);
  found.set('Version', answer.version);
  found.set('Tags', answer.tags.join(', ') || null);
  for (const gate of answer.gates) found.set(`Gate ${gate.name}`, `${gate.state}: ${gate.why}`);
  for (const obstacle of answer.obstacles) found.set(`Obstacle: ${obstacle}`, 'in the way');
  for (const note of answer.notes) found.set(`Note: ${note}`, 'said');
  for (const { key, value } of parseMessage(answer.message).trailers) {
    if (!SAID_ELSEWHERE.includes(key)) found.set(key, value);
  }
  return found;
}

/** What differs between what was shown and what would be committed now, in reading order. */
export function differences(before: PromotionAnswer, now: PromotionAnswer): Difference[] {
  const [old, fresh] = [facts(before), facts(now)];
  const names = new Set([...old.keys(), ...fresh.keys()]);
  return [...names]
    .map((what) => ({ what, before: old.get(what) ?? null, now: fresh.get(what) ?? null }))
    .filter((one) => one.before !== one.now);
}

/** Trailers that are not what was shown, by key. */
export function changedTrailers(before: PromotionAnswer, now: PromotionAnswer): Set<string> {
  const old = new Map(parseMessage(before.message).trailers.map(({ key, value }) => [key, value]));
  const fresh = parseMessage(now.message).trailers;
  return new Set(fresh.filter(({ key, value }) => old.get(key) !== value).map(({ key }) => key));
}

/** Gates whose outcome is not what was shown, by name. */
export function changedGates(before: PromotionAnswer, now: PromotionAnswer): Set<string> {
  const text = ({ state, value, threshold, why }: GateOutcome): string =>
    JSON.stringify([state, value, threshold, why]);
  const old = new Map(before.gates.map((gate) => [gate.name, text(gate)]));
  return new Set(now.gates.filter((gate) => old.get(gate.name) !== text(gate)).map((gate) => gate.name));
}

const content = (file: FileDiff): string => JSON.stringify([file.head.slice(1), file.hunks]);

/** Paths whose change is another one than was shown, or was not shown at all. */
export function changedPaths(before: PromotionAnswer, now: PromotionAnswer): Set<string> {
  const old = new Map(parsePatch(before.diff).files.map((file) => [file.path, content(file)]));
  const files = parsePatch(now.diff).files;
  return new Set(files.filter((file) => old.get(file.path) !== content(file)).map((file) => file.path));
}
