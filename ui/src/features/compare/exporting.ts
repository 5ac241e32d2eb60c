import { host, toProblem } from '$host';
import { toasts } from '$states';
import type { ExportedFile } from '$generated/bindings';
import { fileName } from './sides';
import { messages } from './messages';

/** Any value as a JSON file; the letters are UTF-8. */
export function jsonFile(name: string, value: unknown): ExportedFile {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { name, mime: 'application/json', base64: btoa(text) };
}

/** Saves what `make` gives where the user says, and tells how it went. */
export async function save(make: () => ExportedFile | Promise<ExportedFile>): Promise<void> {
  try {
    const where = await host().saveFile(await make());
    if (where !== null) toasts.show({ kind: 'ok', text: messages.exported.done(fileName(where)) });
  } catch (thrown) {
    toasts.problem(toProblem(thrown));
  }
}
