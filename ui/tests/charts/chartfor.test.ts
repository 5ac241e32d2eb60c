import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { ChartFor, type ChartAnswer } from '$charts';
import type { CommandMap } from '$generated/bindings';
import { forgetAnswers } from '$states/query.svelte';
import curvesJson from '../fixtures/chart-curves.json';
import { fakeHost, later, problem } from '../support/host';

type Asked = CommandMap['chart']['args']['query'];
const curves = curvesJson as unknown as ChartAnswer;
const query = { metrics: ['validation/loss'], runs: ['one', 'two'] };
const queries = (host: ReturnType<typeof fakeHost>): Asked[] =>
  host.asked.flatMap(({ name, args }) => (name === 'chart' ? [(args as { query: Asked }).query] : []));

test('asks for as much as there is room for, and not again while pointed at', async () => {
  forgetAnswers();
  const host = fakeHost({ chart: curves });
  const page = await render(ChartFor, { repo: 'r', query, title: 'Loss' });
  await expect.element(page.getByRole('application', { name: 'Loss' })).toBeInTheDocument();
  const room = page.container.querySelector('.for')?.clientWidth ?? 0;
  expect(queries(host)[0]).toMatchObject({
    width: room,
    metrics: ['validation/loss'],
    runs: ['one', 'two'],
    model: null,
  });
  const asked = host.asked.length;
  const field = page.container.querySelector('.field');
  const box = field?.getBoundingClientRect() ?? new DOMRect();
  for (let x = box.left; x < box.right; x += 7) {
    field?.dispatchEvent(
      new PointerEvent('pointermove', { clientX: x, clientY: box.top + 20, bubbles: true }),
    );
  }
  await new Promise((done) => setTimeout(done, 200));
  expect(host.asked.length).toBe(asked);
});

test('the old picture stays until the new one is there', async () => {
  forgetAnswers();
  const slow = later<ChartAnswer>();
  fakeHost({ chart: ({ query }) => (query.log_y ? slow.promise : curves) });
  const page = await render(ChartFor, { repo: 'r', query, title: 'Loss' });
  await page.getByRole('button', { name: 'log y' }).click();
  await expect.element(page.getByRole('figure', { name: 'Loss' })).toHaveAttribute('aria-busy', 'true');
  expect(page.container.querySelector('.picture polyline')).not.toBe(null);
  slow.resolve(curves);
  await expect.element(page.getByRole('figure', { name: 'Loss' })).not.toHaveAttribute('aria-busy');
});

test('a choice that cannot be drawn says why and can be taken back', async () => {
  forgetAnswers();
  fakeHost({
    chart: ({ query }) => {
      if (query.log_y) throw problem('invalid_request', 'No value is above 0.');
      return curves;
    },
  });
  const page = await render(ChartFor, { repo: 'r', query, title: 'Loss' });
  await page.getByRole('button', { name: 'log y' }).click();
  await expect.element(page.getByText('No value is above 0.')).toBeInTheDocument();
  await page.getByRole('button', { name: 'log y' }).click();
  await expect.element(page.getByRole('application', { name: 'Loss' })).toBeInTheDocument();
});

test('choices outlive the component under their name', async () => {
  forgetAnswers();
  const host = fakeHost({ chart: curves });
  const first = await render(ChartFor, { repo: 'r', query, title: 'Loss', keep: 'test' });
  await first.getByRole('button', { name: 'log y' }).click();
  await expect.poll(() => queries(host).at(-1)?.log_y).toBe(true);
  first.unmount();
  forgetAnswers();
  host.asked.length = 0;
  const second = await render(ChartFor, { repo: 'r', query, title: 'Loss', keep: 'test' });
  await expect.element(second.getByRole('button', { name: 'log y' })).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => queries(host)[0]?.log_y).toBe(true);
});

test('where a series is switched off the others get the room', async () => {
  forgetAnswers();
  const host = fakeHost({ chart: curves });
  const page = await render(ChartFor, { repo: 'r', query, title: 'Loss' });
  await page.getByRole('button', { name: 'wide' }).click();
  const values = (curves.sidecar.series[1]?.y ?? []).filter((value) => value !== null);
  await expect.poll(() => queries(host).at(-1)?.y_range).not.toBe(null);
  const [low, high] = queries(host).at(-1)?.y_range ?? [0, 0];
  expect(low).toBeLessThanOrEqual(Math.min(...values));
  expect(high).toBeGreaterThan(Math.max(...values));
  expect(high).toBeLessThan(Math.max(...values) * 1.2);
});

test('saves what is shown in the look that is shown', async () => {
  forgetAnswers();
  const file = { name: 'loss.png', mime: 'image/png', base64: '' };
  const host = fakeHost({ chart: curves, export_chart: file });
  const saved = vi.spyOn(host, 'saveFile');
  document.documentElement.dataset.theme = 'dark';
  const page = await render(ChartFor, { repo: 'r', query, title: 'Loss' });
  await page.getByRole('button', { name: 'Save chart' }).click();
  await page.getByRole('menuitem', { name: 'Picture, PNG' }).click();
  await expect.poll(() => saved.mock.calls.length).toBe(1);
  expect(host.asked.find(({ name }) => name === 'export_chart')?.args).toMatchObject({
    format: 'png',
    theme: 'dark',
  });
  document.documentElement.dataset.theme = 'light';
});
