// Contrast as an eye meets it: the declared ink against every pixel that lies behind the text.

import type { Page } from '@playwright/test';

export type Measured = { selector: string; ratio: number; needed: number; text: string };

type Ink = {
  selector: string;
  /** Where the text is in the window: left, top, width, height. */
  box: [number, number, number, number];
  /** Red, green and blue up to 255, and opacity up to 1. */
  ink: [number, number, number, number];
  needed: number;
  text: string;
};

const HIDE = 'data-ink-hidden';

/**
 * Finds the texts at the selectors, as far as they can be seen, and makes their ink transparent, so that a picture
 * shows only their grounds. `scroll` brings the first of them into sight.
 */
function prepare({ selectors, scroll, hide }: { selectors: string[]; scroll: boolean; hide: string }): Ink[] {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `[${hide}], [${hide}]::placeholder { transition: none !important; color: transparent !important; fill: transparent !important; text-shadow: none !important; }`,
  );
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const brush = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (!brush) return [];
  const found: Ink[] = [];
  if (scroll) {
    const first = document.querySelector(selectors[0] ?? 'html');
    first?.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  }
  for (const selector of selectors) {
    const element = document.querySelector(selector);
    if (!element) continue;
    const range = document.createRange();
    range.selectNodeContents(element);
    const own = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim(),
    );
    const around = (own ? range : element).getBoundingClientRect();
    const [left, top] = [Math.max(0, around.left), Math.max(0, around.top)];
    const [width, height] = [
      Math.min(around.right, innerWidth) - left,
      Math.min(around.bottom, innerHeight) - top,
    ];
    if (width < 1 || height < 1) continue;
    // All of it, or its picture would be of what lies over it.
    const seen = [0.02, 0.5, 0.98].every((share) => {
      const hit = document.elementFromPoint(left + width * share, top + height * share);
      return hit !== null && (element.contains(hit) || hit.contains(element));
    });
    if (!seen) continue;
    const style = getComputedStyle(element);
    // Any colour syntax becomes numbers on a canvas.
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = element instanceof SVGElement ? style.fill : style.color;
    brush.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = brush.getImageData(0, 0, 1, 1).data;
    let opacity = alpha / 255;
    for (let at: Element | null = element; at; at = at.parentElement)
      opacity *= Number(getComputedStyle(at).opacity);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const text = (element.textContent ?? '').trim().slice(0, 60);
    // A sign such as ▲ is a picture: it needs what pictures need.
    const picture = !/[\p{L}\p{N}]/u.test(text);
    found.push({
      selector,
      box: [left, top, width, height],
      ink: [red, green, blue, opacity],
      needed: large || picture ? 3 : 4.5,
      text,
    });
  }
  for (const { selector } of found) document.querySelector(selector)?.setAttribute(hide, '');
  return found;
}

function restore(hide: string): void {
  document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1);
  for (const element of document.querySelectorAll(`[${hide}]`)) element.removeAttribute(hide);
}

/** The lowest contrast of each ink against its pixels of the picture. Runs in the page: it has the decoder. */
async function lowest({ png, inks }: { png: string; inks: Ink[] }): Promise<number[]> {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const scale = picture.width / innerWidth;
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d', {
    willReadFrequently: true,
  });
  if (!canvas) return [];
  canvas.drawImage(picture, 0, 0);
  const linear = (value: number): number => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const luminance = ([red = 0, green = 0, blue = 0]: number[]): number =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  return inks.map(({ box, ink }) => {
    const [x, y, width, height] = box.map((length) => Math.max(1, Math.round(length * scale))) as Ink['box'];
    const { data } = canvas.getImageData(x, y, width, height);
    const ratios: number[] = [];
    for (let at = 0; at < data.length; at += 4) {
      const ground = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      const mixed = ground.map((value, channel) => value + ((ink[channel] ?? 0) - value) * ink[3]);
      const [one, other] = [luminance(ground), luminance(mixed)];
      ratios.push((Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
    }
    // A hair line or an edge that crosses the box is no ground: a twentieth of the pixels may be anything.
    ratios.sort((one, other) => one - other);
    return ratios[Math.floor(ratios.length / 20)] ?? Number.NaN;
  });
}

async function measure(page: Page, selectors: string[], scroll: boolean): Promise<Measured[]> {
  const inks = await page.evaluate(prepare, { selectors, scroll, hide: HIDE });
  try {
    if (inks.length === 0) return [];
    const png = (await page.screenshot({ animations: 'disabled' })).toString('base64');
    const ratios = await page.evaluate(lowest, { png, inks });
    return inks.map(({ selector, needed, text }, index) => {
      return { selector, needed, text, ratio: ratios[index] ?? Number.NaN };
    });
  } finally {
    await page.evaluate(restore, HIDE);
  }
}

/** The contrast of the texts at the selectors: a picture for those in sight, more for those that are scrolled to. */
export async function measuredContrasts(page: Page, selectors: string[]): Promise<Measured[]> {
  const measured: Measured[] = [];
  let left = selectors;
  for (let scroll = false; left.length > 0; scroll = true) {
    const found = await measure(page, left, scroll);
    measured.push(...found);
    const done = new Set(found.map(({ selector }) => selector));
    // What was scrolled to and still cannot be seen has nothing to show.
    if (scroll && left[0] !== undefined) done.add(left[0]);
    left = left.filter((selector) => !done.has(selector));
  }
  return measured;
}
