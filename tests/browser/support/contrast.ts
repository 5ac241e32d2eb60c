// Contrast as an eye meets it: the declared ink against every pixel that lies behind the text.

import type { Page } from '@playwright/test';

export type Measured = { ratio: number; needed: number; text: string };

type Box = { x: number; y: number; width: number; height: number };
type Ink = {
  box: Box;
  ink: [number, number, number, number];
  needed: number;
  text: string;
  style: string;
};

/** Finds the text of an element, and makes the ink transparent so that only the ground is in the picture. */
function prepare(element: Element): Ink | null {
  const html = element as HTMLElement;
  html.scrollIntoView({
    block: 'center',
    inline: 'center',
    behavior: 'instant',
  });
  const range = document.createRange();
  range.selectNodeContents(html);
  const own = [...html.childNodes].some(
    (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim(),
  );
  const around = own ? range.getBoundingClientRect() : html.getBoundingClientRect();
  const left = Math.max(0, around.left);
  const top = Math.max(0, around.top);
  const box = {
    x: left,
    y: top,
    width: Math.min(around.right, innerWidth) - left,
    height: Math.min(around.bottom, innerHeight) - top,
  };
  if (box.width < 1 || box.height < 1) return null;
  const style = getComputedStyle(html);
  // Any colour syntax becomes numbers on a canvas.
  const brush = new OffscreenCanvas(1, 1).getContext('2d');
  if (!brush) return null;
  brush.fillStyle = style.color;
  brush.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = brush.getImageData(0, 0, 1, 1).data;
  let opacity = alpha / 255;
  for (let at: Element | null = html; at; at = at.parentElement)
    opacity *= Number(getComputedStyle(at).opacity);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const before = html.style.cssText;
  html.style.setProperty('transition', 'none', 'important');
  html.style.setProperty('color', 'transparent', 'important');
  html.style.setProperty('text-shadow', 'none', 'important');
  return {
    box,
    ink: [red, green, blue, opacity],
    needed: large ? 3 : 4.5,
    text: (html.textContent ?? '').trim().slice(0, 60),
    style: before,
  };
}

function restore(element: Element, style: string): void {
  (element as HTMLElement).style.cssText = style;
}

/** The lowest contrast of an ink against the pixels of a picture. Runs in the page: it has the decoder. */
async function lowest({ png, ink }: { png: string; ink: Ink['ink'] }): Promise<number> {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  if (!canvas) return Number.NaN;
  canvas.drawImage(picture, 0, 0);
  const { data } = canvas.getImageData(0, 0, picture.width, picture.height);
  const linear = (value: number): number => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const luminance = (red: number, green: number, blue: number): number =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ratios: number[] = [];
  for (let at = 0; at < data.length; at += 4) {
    const ground = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
    const mixed = ground.map((value, channel) => value + ((ink[channel] ?? 0) - value) * ink[3]);
    const [one, other] = [
      luminance(...(ground as [number, number, number])),
      luminance(...(mixed as [number, number, number])),
    ];
    ratios.push((Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
  }
  // A hair line or an edge that crosses the box is no ground: a twentieth of the pixels may be anything.
  ratios.sort((one, other) => one - other);
  return ratios[Math.floor(ratios.length / 20)] ?? Number.NaN;
}

/** The contrast of the text at a selector; null where there is no text to be seen. */
export async function measuredContrast(page: Page, selector: string): Promise<Measured | null> {
  const element = page.locator(selector).first();
  if ((await element.count()) === 0) return null;
  const ink = await element.evaluate(prepare);
  if (!ink) return null;
  try {
    const png = (await page.screenshot({ clip: ink.box, animations: 'disabled' })).toString('base64');
    const ratio = await page.evaluate(lowest, { png, ink: ink.ink });
    return { ratio, needed: ink.needed, text: ink.text };
  } finally {
    await element.evaluate(restore, ink.style);
  }
}
