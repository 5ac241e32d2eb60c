import type { Comparison, SideInfo } from '$generated/bindings';
import { messages } from './messages';

const words = messages.basis;

/** What the numbers rest on, in a line: `same test set (look 3), 1,000 rows, paired, inference run here`. */
export function basisOf(comparison: Comparison, a: SideInfo, b: SideInfo, ofFiles: boolean): string {
  const { examples, comparable } = comparison;
  if (!comparable) return words.notPaired;
  const digests = [comparison.a.test_digest, comparison.b.test_digest];
  const same = digests[0] !== null && digests[0] === digests[1];
  const look = b.looks === null ? '' : ` (${messages.card.looks(b.looks)})`;
  const parts = [
    ofFiles ? words.pairedById : same ? `${words.sameTest}${look}` : words.unknownTest,
    words.rows(examples.paired),
    ...(ofFiles ? [] : [words.paired]),
    ...(examples.only_a + examples.only_b > 0 ? [words.leftOut(examples.only_a, examples.only_b)] : []),
    gradesOf(a, b),
  ];
  const line = parts.filter(Boolean).join(' · ');
  return line.charAt(0).toUpperCase() + line.slice(1);
}

function gradesOf(a: SideInfo, b: SideInfo): string {
  const [one, other] = [a.grade, b.grade].map((grade) => (grade ? words.grades[grade] : ''));
  if (one === other) return one ?? '';
  return [one && `A ${one}`, other && `B ${other}`].filter(Boolean).join(', ');
}
