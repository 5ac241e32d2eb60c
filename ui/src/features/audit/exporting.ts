import type { Audit, AuditEntry, ExportedFile } from '$generated/bindings';

const COLUMNS: [string, (entry: AuditEntry) => string | number | boolean | null | undefined][] = [
  ['commit', (entry) => entry.commit],
  ['time', (entry) => entry.time],
  ['kind', (entry) => entry.kind],
  ['ok', (entry) => entry.ok],
  ['environment', (entry) => entry.claim?.environment],
  ['model', (entry) => entry.claim?.model],
  ['release', (entry) => entry.claim?.release],
  ['version', (entry) => entry.claim?.version],
  ['run', (entry) => entry.claim?.run],
  ['sequence', (entry) => entry.claim?.sequence],
  ['verdict', (entry) => entry.claim?.verdict],
  ['override_reason', (entry) => entry.claim?.override_reason],
  ['release_digest', (entry) => entry.claim?.release_digest],
  ['previous', (entry) => entry.claim?.previous],
  ['author', (entry) => entry.author],
  ['email', (entry) => entry.email],
  ['subject', (entry) => entry.subject],
  ['problems', (entry) => entry.problems.join('; ')],
  ['notes', (entry) => entry.notes.join('; ')],
];

/** A cell of a CSV file; text that a spreadsheet would take for a formula is marked as text. */
export function cell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  const safe = typeof value === 'string' && /^[\s]*[=+\-@\t\r＝＋－＠]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(entries: AuditEntry[]): string {
  const rows = [
    COLUMNS.map(([name]) => name),
    ...entries.map((entry) => COLUMNS.map(([, read]) => cell(read(entry)))),
  ];
  return rows.map((row) => `${row.join(',')}\r\n`).join('');
}

export function json(audit: Audit, entries: AuditEntry[]): string {
  return `${JSON.stringify({ ...audit, entries }, null, 2)}\n`;
}

export function file(name: string, mime: string, text: string): ExportedFile {
  let letters = '';
  for (const byte of new TextEncoder().encode(text)) letters += String.fromCharCode(byte);
  return { name, mime, base64: btoa(letters) };
}
