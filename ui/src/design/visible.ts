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

/** Joiners shape what stands around them: emoji, and scripts whose letters join. */
const SHAPED = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{M}|[\u{590}-\u{DFF}])$/u;

function joins(text: string, at: number): boolean {
  if (text[at] !== '\u200c' && text[at] !== '\u200d') return false;
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '';
  return SHAPED.test(before);
}

/** Text from a repository as it may be shown: what would hide or turn it around is spelled out, e.g. `⟨U+202E⟩`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (letter: string, at: number) =>
    joins(text, at) ? letter : `⟨U+${hex(letter.codePointAt(0) ?? 0)}⟩`,
  );
}
