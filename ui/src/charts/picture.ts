/** What a picture from the backend may consist of: everything else is left out, whoever made it. */
const ELEMENTS = new Set([
  'svg',
  'g',
  'title',
  'desc',
  'rect',
  'line',
  'polyline',
  'polygon',
  'path',
  'circle',
  'ellipse',
  'text',
  'tspan',
]);

const SVG = 'http://www.w3.org/2000/svg';

/** Room above the name of the y axis, which is the first line of what is shown. */
const ABOVE = 13;

export interface Drawing {
  svg: SVGSVGElement;
  width: number;
  height: number;
  /** What the window says itself is cut off the top: title and legend. */
  cut: number;
  /** What the picture says about points that are not drawn; empty where all are. */
  note: string;
  /** The group of each series, by id. */
  series: Map<string, SVGGElement>;
}

/** Parses a picture and takes its marks over, one by one. Throws where the text is no SVG picture. */
export function readPicture(text: string): Drawing {
  // A page that forbids style elements would complain of them even here, where they are left out.
  const plain = text.replace(/<style\b[\s\S]*?<\/style>/gi, '');
  const parsed = new DOMParser().parseFromString(plain, 'image/svg+xml').documentElement;
  if (parsed.namespaceURI !== SVG || parsed.localName !== 'svg') throw new Error('The picture is not SVG.');
  const svg = taken(parsed) as SVGSVGElement | null;
  if (!svg) throw new Error('The picture is empty.');
  const width = Number(svg.getAttribute('width'));
  const height = Number(svg.getAttribute('height'));
  if (!(width > 0 && height > 0)) throw new Error('The picture has no size.');

  const note = svg.querySelector('.k-note');
  const words = note?.textContent ?? '';
  for (const said of svg.querySelectorAll('.k-title, .k-legend, .k-canvas, .k-note')) said.remove();
  const top = Number(svg.querySelector('.k-y-axis > .k-axis-label')?.getAttribute('y'));
  const cut = top > ABOVE ? Math.floor(top - ABOVE) : 0;
  svg.setAttribute('viewBox', `0 ${cut} ${width} ${height - cut}`);
  svg.removeAttribute('width');
  svg.removeAttribute('height');
  svg.removeAttribute('font-family');
  // The plot around it is what is read out; the picture's own words are its description.
  svg.setAttribute('aria-hidden', 'true');
  const series = new Map<string, SVGGElement>();
  for (const group of svg.querySelectorAll<SVGGElement>('g[data-series]')) {
    series.set(group.dataset.series ?? '', group);
  }
  return { svg, width, height, cut, note: words, series };
}

/** A copy with only what a picture needs. */
function taken(element: Element): Element | null {
  if (element.namespaceURI !== SVG || !ELEMENTS.has(element.localName)) return null;
  const copy = document.createElementNS(SVG, element.localName);
  for (const { name, value } of element.attributes) {
    if (isPlain(name, value)) copy.setAttribute(name, value);
  }
  for (const child of element.childNodes) {
    if (child instanceof Element) {
      const below = taken(child);
      if (below) copy.append(below);
    } else if (child.nodeType === Node.TEXT_NODE && child.nodeValue) {
      copy.append(child.nodeValue);
    }
  }
  return copy;
}

/** Attributes that draw: none that act, lead elsewhere or bring a style of their own. */
function isPlain(name: string, value: string): boolean {
  const lower = name.toLowerCase();
  if (lower.startsWith('on') || lower.startsWith('xmlns') || lower.includes(':')) return false;
  return lower !== 'style' && lower !== 'href' && lower !== 'id' && !/url\s*\(|javascript:/i.test(value);
}
