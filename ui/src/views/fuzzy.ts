/**
 * How well `words` fit `text`: 0 where they do not, more the better. Every word must occur, its letters in order;
 * whole words, beginnings and runs of letters count more.
 */
export function fits(words: string, text: string): number {
  const low = text.toLowerCase();
  let sum = 1;
  for (const word of words.toLowerCase().split(/\s+/).filter(Boolean)) {
    const one = fit(word, low);
    if (one === 0) return 0;
    sum += one;
  }
  return sum - Math.min(0.9, text.length / 1_000);
}

function fit(word: string, text: string): number {
  const whole = text.indexOf(word);
  if (whole >= 0) return 20 + word.length * 2 + (atStart(text, whole) ? 10 : 0) - Math.min(9, whole / 10);
  let at = -1;
  let score = 0;
  for (const letter of word) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return 0;
    score += next === at + 1 ? 2 : atStart(text, next) ? 1.5 : 0.2;
    at = next;
  }
  // Letters strewn over a long text fit nearly everything: they must at least hang together a little.
  return score >= word.length * 0.8 ? score : 0;
}

function atStart(text: string, at: number): boolean {
  return at === 0 || /[^a-z0-9]/.test(text.charAt(at - 1));
}
