import { describe, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ChartAnswer, ChartState } from '$charts';
import curvesJson from '../fixtures/chart-curves.json';
import versionsJson from '../fixtures/chart-versions.json';
import Held from './Held.svelte';

const curves = curvesJson as unknown as ChartAnswer;
const versions = versionsJson as unknown as ChartAnswer;
const [wide, narrow] = curves.sidecar.series.map((series) => series.id) as [string, string];

const frame = (): Promise<void> =>
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));

/** The middle of a place along x, in pixels of the page. */
function spot(container: Element, share: { x: number; y: number }): { x: number; y: number } {
  const box = container.querySelector('.field')?.getBoundingClientRect() ?? new DOMRect();
  return { x: box.left + box.width * share.x, y: box.top + box.height * share.y };
}

async function pointer(container: Element, kind: string, share: { x: number; y: number }): Promise<void> {
  const { x, y } = spot(container, share);
  const field = container.querySelector('.field');
  const init = { clientX: x, clientY: y, bubbles: true, pointerId: 1, button: 0, isPrimary: true };
  field?.dispatchEvent(new PointerEvent(kind, init));
  await frame();
}

/** A pointer that is captured needs one the browser knows of; these are made up. */
function withoutCapture(): void {
  vi.spyOn(Element.prototype, 'setPointerCapture').mockImplementation(() => undefined);
}

describe('pointing', () => {
  test('the cursor snaps to the nearest place and tells every series', async () => {
    const { container } = await render(Held, { answer: curves });
    await pointer(container, 'pointermove', { x: 0.3, y: 0.5 });
    const tip = container.querySelector('.tip');
    expect(tip?.textContent).toMatch(/epoch \d+/);
    expect(tip?.textContent).toContain('wide');
    expect(tip?.textContent).toContain('narrow');
    const cross = Number(container.querySelector('.cross')?.getAttribute('x1'));
    const { plotRect, xDomain, series } = curves.sidecar;
    const places = (series[0]?.x ?? []).map(
      (x) => plotRect.x + ((x - xDomain[0]) / (xDomain[1] - xDomain[0])) * plotRect.width,
    );
    expect(Math.min(...places.map((x) => Math.abs(x - cross)))).toBeLessThan(0.5);
  });

  test.each([0, 0.5, 1])('the tooltip stays within the plot at %d', async (x) => {
    for (const y of [0, 1]) {
      const { container, unmount } = await render(Held, { answer: curves, width: 320 });
      await pointer(container, 'pointermove', { x, y });
      const tip = container.querySelector('.tip')?.getBoundingClientRect() ?? new DOMRect();
      const plot = container.querySelector('[role=application]')?.getBoundingClientRect() ?? new DOMRect();
      expect(tip.width).toBeGreaterThan(50);
      expect(tip.left).toBeGreaterThanOrEqual(plot.left - 0.5);
      expect(tip.right).toBeLessThanOrEqual(plot.right + 0.5);
      expect(tip.top).toBeGreaterThanOrEqual(plot.top - 0.5);
      expect(tip.bottom).toBeLessThanOrEqual(plot.bottom + 0.5);
      unmount();
    }
  });

  test('the series near the pointer stands out, and nothing stays behind', async () => {
    const { container } = await render(Held, { answer: curves });
    const last = curves.sidecar.series[0]?.y.at(-1) ?? 0;
    const [low, high] = curves.sidecar.yDomain;
    await pointer(container, 'pointermove', { x: 1, y: 1 - (last - low) / (high - low) });
    await frame();
    const group = (id: string): Element | null => container.querySelector(`g[data-series="${id}"]`);
    expect(group(wide)?.classList.contains('faded')).toBe(false);
    expect(group(narrow)?.classList.contains('faded')).toBe(true);
    await pointer(container, 'pointerleave', { x: 2, y: 2 });
    expect(container.querySelector('.tip, .cross, .faded')).toBe(null);
  });

  test('a drag selects a range, a double press shows everything again', async () => {
    withoutCapture();
    const onchoice = vi.fn<(state: ChartState) => void>();
    const { container } = await render(Held, { answer: curves, onchoice });
    await pointer(container, 'pointerdown', { x: 0.25, y: 0.5 });
    await pointer(container, 'pointermove', { x: 0.6, y: 0.5 });
    expect(container.querySelector('.brush')).not.toBe(null);
    await pointer(container, 'pointerup', { x: 0.75, y: 0.5 });
    const [low, high] = onchoice.mock.lastCall?.[0].x_range ?? [0, 0];
    const [first, last] = curves.sidecar.xDomain;
    expect((low - first) / (last - first)).toBeCloseTo(0.25, 1);
    expect((high - first) / (last - first)).toBeCloseTo(0.75, 1);
    container.querySelector('.field')?.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    expect(onchoice.mock.lastCall?.[0].x_range).toBe(null);
  });

  test('a press chooses a version by its name', async () => {
    withoutCapture();
    const onpick = vi.fn();
    const { container } = await render(Held, { answer: versions, onpick });
    await pointer(container, 'pointerdown', { x: 0.99, y: 0.5 });
    await pointer(container, 'pointerup', { x: 0.99, y: 0.5 });
    expect(onpick).toHaveBeenCalledWith(expect.objectContaining({ label: versions.sidecar.xLabels?.at(-1) }));
  });
});

describe('the keyboard', () => {
  test('moves the cursor and reads it out, selects, zooms and goes back', async () => {
    const onchoice = vi.fn<(state: ChartState) => void>();
    const { container } = await render(Held, { answer: curves, onchoice });
    container.querySelector<HTMLElement>('[role=application]')?.focus();
    const spoken = (): string => container.querySelector('[aria-live]')?.textContent ?? '';
    await userEvent.keyboard('{ArrowRight}');
    await expect.poll(spoken).toMatch(/epoch [\d.]+; wide [\d.]+; narrow [\d.]+/);
    await userEvent.keyboard('{ArrowDown}');
    await expect.poll(spoken).toMatch(/^epoch [\d.]+; wide [\d.]+$/);
    await userEvent.keyboard('{ArrowRight}{Shift>}{ArrowRight}{ArrowRight}{/Shift}');
    await expect.poll(spoken).toMatch(/Selected epoch .* to epoch .*Enter zooms/);
    await userEvent.keyboard('{Enter}');
    const places = curves.sidecar.series[0]?.x ?? [];
    const [low, high] = onchoice.mock.lastCall?.[0].x_range ?? [];
    expect(low).toBeCloseTo(places[1] ?? 0, 6);
    expect(high).toBeCloseTo(places[3] ?? 0, 6);
    await userEvent.keyboard('{Escape}');
    expect(onchoice.mock.lastCall?.[0].x_range).toBe(null);
  });

  test('Home and End reach the ends; leaving takes the cursor along', async () => {
    const { container } = await render(Held, { answer: versions });
    const plot = container.querySelector<HTMLElement>('[role=application]');
    plot?.focus();
    await userEvent.keyboard('{End}');
    await expect
      .poll(() => container.querySelector('.tip')?.textContent)
      .toContain(versions.sidecar.xLabels?.at(-1));
    plot?.blur();
    await expect.poll(() => container.querySelector('.tip')).toBe(null);
  });
});

describe('choices', () => {
  test('the legend switches series off, and one press twice shows it alone', async () => {
    const onchoice = vi.fn<(state: ChartState) => void>();
    const page = await render(Held, { answer: curves, onchoice });
    const button = page.getByRole('button', { name: 'wide' });
    await expect.element(button).toHaveAttribute('aria-pressed', 'true');
    await button.click();
    await expect.element(button).toHaveAttribute('aria-pressed', 'false');
    expect(onchoice.mock.lastCall?.[0].hidden).toEqual([wide]);
    const group = page.container.querySelector(`g[data-series="${wide}"]`);
    await expect.poll(() => group && getComputedStyle(group).display).toBe('none');
    await button.click();
    await page.getByRole('button', { name: 'narrow' }).dblClick();
    expect(onchoice.mock.lastCall?.[0].hidden).toEqual([wide]);
    await page.getByRole('button', { name: 'narrow' }).dblClick();
    expect(onchoice.mock.lastCall?.[0].hidden).toEqual([]);
  });

  test('what cannot be chosen says why', async () => {
    const answer: ChartAnswer = {
      ...curves,
      unavailable: [{ choice: 'log_y', why: 'No value is above zero.' }, ...curves.unavailable],
    };
    const onchoice = vi.fn();
    const page = await render(Held, { answer, onchoice });
    const log = page.getByRole('button', { name: 'log y' });
    await expect.element(log).toHaveAttribute('aria-disabled', 'true');
    await log.click({ force: true });
    expect(onchoice).not.toHaveBeenCalled();
    await page.getByLabelText(/Horizontal axis/).click();
    const option = page.getByRole('option', { name: /Version/ });
    await expect.element(option).toHaveAttribute('aria-disabled', 'true');
    await expect.element(option).toHaveTextContent('A curve belongs to one version.');
  });

  test('smoothing waits for the slider to rest', async () => {
    const onchoice = vi.fn<(state: ChartState) => void>();
    const page = await render(Held, { answer: curves, onchoice });
    const slider = page.getByRole('slider', { name: 'Smoothing' });
    slider.element().focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowRight}');
    await expect.poll(() => onchoice.mock.lastCall?.[0].smooth).toBe(0.03);
    expect(onchoice.mock.calls.length).toBeLessThan(3);
    await slider.fill('0.99');
    await expect.poll(() => onchoice.mock.lastCall?.[0].smooth).toBe(0.99);
  });

  test('the table twin has every value', async () => {
    const page = await render(Held, { answer: curves });
    await page.getByRole('button', { name: 'Show as table' }).click();
    const grid = page.getByRole('grid', { name: 'Loss' });
    await expect.element(grid).toHaveAttribute('aria-rowcount', String(curves.table.rows.length + 1));
    await expect.element(page.getByRole('columnheader', { name: 'narrow' })).toBeInTheDocument();
    await page.getByRole('button', { name: 'Show as chart' }).click();
    await expect.element(page.getByRole('application', { name: 'Loss' })).toBeInTheDocument();
  });

  test('buttons zoom without a drag', async () => {
    const onchoice = vi.fn<(state: ChartState) => void>();
    const page = await render(Held, { answer: curves, onchoice });
    await page.getByRole('button', { name: 'Zoom in' }).click();
    const [first, last] = curves.sidecar.xDomain;
    const [low, high] = onchoice.mock.lastCall?.[0].x_range ?? [0, 0];
    expect((high - low) / (last - first)).toBeCloseTo(0.5);
    await page.getByRole('button', { name: 'Zoom out' }).click();
    await expect.element(page.getByRole('button', { name: 'Zoom in' })).toBeInTheDocument();
  });
});

describe('what is shown', () => {
  test('charts of a key share one cursor', async () => {
    const one = await render(Held, { answer: curves, title: 'One', syncKey: 'together' });
    const other = await render(Held, { answer: curves, title: 'Other', syncKey: 'together' });
    const apart = await render(Held, { answer: curves, title: 'Apart' });
    await pointer(one.container.children[0] as Element, 'pointermove', { x: 0.4, y: 0.5 });
    const figures = [...document.querySelectorAll('figure')];
    const crosses = figures.map((figure) => figure.querySelector('.cross')?.getAttribute('x1'));
    expect(crosses[0]).toBeDefined();
    expect(crosses[1]).toBe(crosses[0]);
    expect(crosses[2]).toBeUndefined();
    expect(document.querySelectorAll('.tip')).toHaveLength(1);
    expect([one, other, apart]).toHaveLength(3);
  });

  test('marks stand at their versions, the pinned value in the legend and the tooltip', async () => {
    const label = versions.sidecar.xLabels?.[3] ?? '';
    const marks = [{ x: label, label: 'A', kind: 'a' as const }];
    const { container } = await render(Held, { answer: versions, marks });
    const at = Number(container.querySelector('.mark line')?.getAttribute('x1'));
    const { plotRect, xDomain } = versions.sidecar;
    expect(at).toBeCloseTo(plotRect.x + ((3 - xDomain[0]) / (xDomain[1] - xDomain[0])) * plotRect.width, 3);
    expect(container.querySelector('.pinned')?.textContent).toContain(versions.sidecar.baseline?.label);
    await pointer(container, 'pointermove', { x: 0.5, y: 0.5 });
    expect(container.querySelector('.tip')?.textContent).toContain(versions.sidecar.baseline?.label);
  });

  test('a picture is only drawn, whatever it says', async () => {
    const svg = curves.svg.replace('<svg ', '<svg onload="window.__acted = 1" ').replace(
      '</svg>',
      `<script>window.__acted = 2</script><foreignObject><img src="x" onerror="window.__acted = 3"/></foreignObject>
         <a href="javascript:window.__acted = 4"><text>x</text></a><image href="http://example.org/x.png"/>
         <rect style="fill:red" onclick="window.__acted = 5" fill="url(http://example.org/y)" width="5" height="5"/></svg>`,
    );
    const { container } = await render(Held, { answer: { ...curves, svg } });
    const picture = container.querySelector('.picture');
    expect(picture?.querySelector('polyline')).not.toBe(null);
    expect(picture?.querySelector('script, style, foreignObject, img, image, a')).toBe(null);
    const attributes = [...(picture?.querySelectorAll('*') ?? [])].flatMap((node) =>
      node.getAttributeNames(),
    );
    expect(attributes.filter((name) => /^on|style|href/.test(name))).toEqual([]);
    expect(picture?.innerHTML).not.toContain('example.org');
    expect((window as { __acted?: number }).__acted).toBeUndefined();
  });

  test('what is no picture is told, and the table still has the values', async () => {
    const page = await render(Held, { answer: { ...curves, svg: '<p>no</p>' } });
    await expect.element(page.getByText('The picture cannot be shown.')).toBeInTheDocument();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await expect.element(page.getByRole('grid')).toBeInTheDocument();
  });
});
