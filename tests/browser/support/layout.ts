// Nothing is cut off and nothing is out of reach, however small the window is.

import { expect, type Page } from '@playwright/test';

/** What sticks out of the page, or is cut off where nobody can scroll to it. */
export function cutOffIn(): string[] {
  const name = (element: Element): string => {
    const text = (element.textContent ?? '').trim().replaceAll(/\s+/g, ' ').slice(0, 40);
    const classes = element.classList.length ? `.${[...element.classList].join('.')}` : '';
    return `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : classes} "${text}"`;
  };
  const page = document.documentElement;
  const found: string[] = [];
  if (page.scrollWidth > page.clientWidth + 1)
    found.push(`the page is ${page.scrollWidth} px wide in ${page.clientWidth}`);
  if (page.scrollHeight > page.clientHeight + 1)
    found.push(`the page is ${page.scrollHeight} px high in ${page.clientHeight}`);
  const scrolls = (element: Element, style: CSSStyleDeclaration): boolean =>
    ['auto', 'scroll'].includes(style.overflowX) && element.scrollWidth > element.clientWidth;
  const reachable = (element: Element): boolean => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      if (scrolls(at, getComputedStyle(at))) return true;
    }
    return false;
  };
  for (const element of document.body.querySelectorAll('*')) {
    if (element.closest('svg, [aria-hidden="true"], .visually-hidden, [data-visually-hidden], [inert]'))
      continue;
    if (
      !element.checkVisibility({
        opacityProperty: true,
        visibilityProperty: true,
      })
    )
      continue;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    const text = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
    );
    const control = element.matches('button, a, input, select, textarea, [role="button"]');
    if ((text || control) && (box.left < -1 || box.right > innerWidth + 1) && !reachable(element)) {
      found.push(
        `${name(element)} lies at ${Math.round(box.left)}…${Math.round(box.right)} of ${innerWidth}`,
      );
    }
    const hides = ['hidden', 'clip'].includes(style.overflowX);
    const told = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
    if (text && hides && !told && element.scrollWidth > element.clientWidth + 1) {
      found.push(`${name(element)} is cut off: ${element.scrollWidth} px in ${element.clientWidth}`);
    }
  }
  return [...new Set(found)];
}

/** Controls that nobody can bring into view or press, because something lies over them. */
export function coveredIn(): string[] {
  const found: string[] = [];
  /** What lies over the middle of a control; null where it can be pressed. */
  const coverOf = (control: Element): string | null => {
    const box = control.getBoundingClientRect();
    const x = Math.round((Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2);
    const y = Math.round((Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2);
    const hit = document.elementFromPoint(x, y);
    if (!hit) return `at ${x},${y} is out of view`;
    const label = hit.closest('label');
    const labels = label?.contains(control) || (label?.htmlFor && label.htmlFor === control.id);
    if (control.contains(hit) || hit.contains(control) || labels) return null;
    return `at ${x},${y} lies under ${hit.tagName.toLowerCase()}.${[...hit.classList].join('.')}`;
  };
  const modal = document.querySelector('[role="dialog"], [role="alertdialog"]');
  for (const control of (modal ?? document).querySelectorAll(
    'button, a[href], input, select, textarea, [tabindex="0"]',
  )) {
    if (control.closest('[aria-hidden="true"], [inert]')) continue;
    if (
      !control.checkVisibility({
        opacityProperty: true,
        visibilityProperty: true,
      })
    )
      continue;
    control.scrollIntoView({
      block: 'nearest',
      inline: 'nearest',
      behavior: 'instant',
    });
    const box = control.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    let over = coverOf(control);
    if (over === null) continue;
    // A link such as "Skip to the content" comes into view when the keyboard reaches it.
    (control as HTMLElement).focus();
    over = coverOf(control);
    (control as HTMLElement).blur();
    const text = (control.getAttribute('aria-label') ?? control.textContent ?? '').trim().slice(0, 40);
    if (over !== null) found.push(`${control.tagName.toLowerCase()} "${text}" ${over}`);
  }
  document.querySelector('main')?.scrollTo(0, 0);
  return [...new Set(found)];
}

/** The page as it stands fits its window. */
export async function fits(page: Page, what: string): Promise<void> {
  expect.soft(await page.evaluate(cutOffIn), `nothing is cut off: ${what}`).toEqual([]);
  expect.soft(await page.evaluate(coveredIn), `everything can be reached: ${what}`).toEqual([]);
}
