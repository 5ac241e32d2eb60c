// Accessibility rules, in every theme. What axe cannot decide about contrast is measured in pixels here.

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { measuredContrast } from './contrast';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** Rules whose "incomplete" a test must not pass over; contrast is measured, the others need a look by hand. */
const DECIDED_HERE = 'color-contrast';

type Found = { rule: string; where: string; what: string };

async function contrastComplaints(page: Page, targets: string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const target of targets) {
    const measured = await measuredContrast(page, target);
    if (measured === null || measured.ratio >= measured.needed) continue;
    const what = `${measured.ratio.toFixed(2)}:1 where ${measured.needed}:1 is needed: "${measured.text}"`;
    found.push({ rule: 'contrast, measured', where: target, what });
  }
  return found;
}

/** Everything that breaks a rule on the page as it stands. */
export async function violations(page: Page): Promise<Found[]> {
  const result = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const found: Found[] = result.violations.flatMap((rule) =>
    rule.nodes.map((node) => ({
      rule: rule.id,
      where: node.target.join(' '),
      what: node.failureSummary ?? rule.help,
    })),
  );
  const undecided = result.incomplete.find((rule) => rule.id === DECIDED_HERE)?.nodes ?? [];
  const targets = undecided
    .map((node) => node.target)
    .filter((target) => target.every((part) => typeof part === 'string'));
  found.push(
    ...(await contrastComplaints(
      page,
      targets.map((target) => target.join(' ')),
    )),
  );
  return found;
}

/** The page breaks no rule. */
export async function accessible(page: Page, what: string): Promise<void> {
  const found = await violations(page);
  const told = found.map(({ rule, where, what }) => `${rule} at ${where}: ${what.replaceAll(/\s+/g, ' ')}`);
  expect.soft(told, `${what} breaks no rule of accessibility`).toEqual([]);
}
