/** What a deployment commit says, in parts. */
export interface Message {
  subject: string;
  body: string;
  trailers: { key: string; value: string }[];
}

const TRAILER = /^([A-Za-z][A-Za-z0-9-]*): (.*)$/;

/** Subject, sentence and the trailers of the last paragraph. */
export function parseMessage(text: string): Message {
  const [subject = '', ...rest] = text.replace(/\n+$/, '').split('\n');
  const paragraphs = rest
    .join('\n')
    .replace(/^\n+/, '')
    .split(/\n{2,}/);
  const last = (paragraphs.at(-1) ?? '').split('\n');
  const found = last.map((line) => TRAILER.exec(line));
  const trailers = found.every(Boolean)
    ? found.flatMap((match) => (match ? [{ key: match[1] ?? '', value: match[2] ?? '' }] : []))
    : [];
  const body = (trailers.length > 0 ? paragraphs.slice(0, -1) : paragraphs).join('\n\n');
  return { subject, body, trailers };
}

export function trailer(message: string, key: string): string | null {
  return parseMessage(message).trailers.find((one) => one.key === key)?.value ?? null;
}
