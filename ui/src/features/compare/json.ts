import type { ExportedFile } from '$generated/bindings';

/** Any value as a JSON file; the letters are UTF-8. */
export function jsonFile(name: string, value: unknown): ExportedFile {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { name, mime: 'application/json', base64: btoa(text) };
}
