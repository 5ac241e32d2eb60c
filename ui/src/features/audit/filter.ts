import type { AuditEntry, AuditKind } from '$generated/bindings';

export interface Filter {
  text: string;
  environment: string | null;
  kind: AuditKind | null;
  broken: boolean;
}

/** Whether an entry shows what is asked for: every word somewhere in it. */
export function fits(entry: AuditEntry, { text, environment, kind, broken }: Filter): boolean {
  if (kind !== null && entry.kind !== kind) return false;
  if (environment !== null && entry.claim?.environment !== environment) return false;
  if (broken && entry.ok) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const claim = entry.claim ? Object.values(entry.claim) : [];
  const held = [
    entry.subject,
    entry.author,
    entry.email,
    entry.commit,
    ...claim,
    ...entry.problems,
    ...entry.notes,
  ]
    .join('\n')
    .toLowerCase();
  return words.every((word) => held.includes(word));
}

/** The environments that entries name, in the order of their first deployment. */
export function environmentsOf(entries: AuditEntry[]): string[] {
  const names = [...entries].reverse().flatMap((entry) => (entry.claim ? [entry.claim.environment] : []));
  return [...new Set(names)];
}

/** How an entry stands. */
export type Standing = 'ok' | 'noted' | 'broken' | 'none';

export function standing(entry: AuditEntry): Standing {
  if (!entry.ok) return 'broken';
  if (entry.kind === 'other') return 'none';
  return entry.notes.length > 0 ? 'noted' : 'ok';
}
