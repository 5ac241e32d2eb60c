import { promote } from './messages';

/** A typed reason as the deployment commit will hold it: one line, without what cannot be seen. */
export function cleanReason(text: string): string {
  const seen = [...text.replace(/\s/gu, ' ')].filter(
    (letter) => !/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u.test(letter),
  );
  const line = seen.join('').trim().replace(/ +/g, ' ');
  return [...line].slice(0, promote.override.most).join('').trimEnd();
}

export function lettersOf(text: string): number {
  return [...cleanReason(text)].length;
}

/** The reason as it is asked for; null while it is too short to be one. */
export function askedReason(text: string): string | null {
  const line = cleanReason(text);
  return [...line].length >= promote.override.least ? line : null;
}
