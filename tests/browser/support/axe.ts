// Accessibility rules, in every theme. What axe cannot decide about contrast is measured in pixels here.

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { measuredContrasts } from './contrast';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
const CONTRAST = 'color-contrast';

/** All rules; only contrast, for another theme of the same page; all but contrast, for another size of it. */
export type Rules = 'all' | 'contrast' | 'structure';

type Found = { rule: string; where: string; what: string };

function axe(page: Page, rules: Rules): AxeBuilder {
  const builder = new AxeBuilder({ page });
  if (rules === 'contrast') return builder.withRules([CONTRAST]);
  return rules === 'structure' ? builder.withTags(TAGS).disableRules([CONTRAST]) : builder.withTags(TAGS);
}

/** Everything that breaks a rule on the page as it stands. */
export async function violations(page: Page, rules: Rules = 'all'): Promise<Found[]> {
  const result = await axe(page, rules).analyze();
  const found: Found[] = result.violations.flatMap((rule) =>
    rule.nodes.map((node) => ({
      rule: rule.id,
      where: node.target.join(' '),
      what: node.failureSummary ?? rule.help,
    })),
  );
  const undecided = result.incomplete.find((rule) => rule.id === CONTRAST)?.nodes ?? [];
  const measured = await measuredContrasts(
    page,
    undecided.map((node) => node.target.join(' ')),
  );
  for (const { selector, ratio, needed, text } of measured) {
    if (ratio >= needed) continue;
    const what = `${ratio.toFixed(2)}:1 where ${needed}:1 is needed: "${text}"`;
    found.push({ rule: 'contrast, measured', where: selector, what });
  }
  return found;
}

/** The page breaks no rule. */
export async function accessible(page: Page, what: string, rules: Rules = 'all'): Promise<void> {
  const found = await violations(page, rules);
  const told = found.map(({ rule, where, what }) => `${rule} at ${where}: ${what.replaceAll(/\s+/g, ' ')}`);
  expect.soft(told, `${what} breaks no rule of accessibility`).toEqual([]);
}
