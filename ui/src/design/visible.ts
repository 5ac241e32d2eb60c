// Characters that draw nothing, or change the order in which others are drawn.
const HIDDEN_RANGES: [number, number][] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0e],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe0fff],
];

const hex = (point: number): string => point.toString(16).toUpperCase().padStart(4, '0');
const HIDDEN = new RegExp(
  `[${HIDDEN_RANGES.map(([from, to]) => `\\u{${hex(from)}}-\\u{${hex(to)}}`).join('')}]`,
  'gu',
);

/** Joiners that shape what stands around them: emoji, and scripts whose letters join. */
const SHAPING = /[\p{Extended_Pictographic}\p{M}\u{1F3FB}-\u{1F3FF}\u{0590}-\u{0DFF}]$/u;

/** Text from a repository as it may be shown: what would hide or turn it around is spelled out, e.g. `⟨U+202E⟩`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (letter: string, at: number) => {
    const joins = letter === '\u200c' || letter === '\u200d';
    if (joins && SHAPING.test(text.slice(Math.max(0, at - 2), at))) return letter;
    return `⟨U+${hex(letter.codePointAt(0) ?? 0)}⟩`;
  });
}
