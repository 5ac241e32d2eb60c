import { page as browser, userEvent } from 'vitest/browser';
import { describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Rows from './fixtures/Rows.svelte';

const focused = (): string | null => document.activeElement?.getAttribute('data-index') ?? null;

describe('a long table', () => {
  test('renders what is seen and says how much there is', async () => {
    const page = await render(Rows);
    const grid = page.getByRole('grid', { name: 'Numbers' });
    await expect.element(grid).toHaveAttribute('aria-rowcount', '5001');
    await expect.element(page.getByRole('row', { name: /^Row 0/ })).toHaveAttribute('aria-rowindex', '2');
    expect(page.container.querySelectorAll('[data-index]').length).toBeLessThan(60);
    await expect
      .element(page.getByRole('columnheader', { name: 'Name' }))
      .toHaveAttribute('aria-sort', 'ascending');
  });

  test('is one stop of the Tab key, and is walked by arrows and letters', async () => {
    const page = await render(Rows);
    await page.getByRole('button', { name: 'Before' }).click();
    await userEvent.keyboard('{Tab}{Tab}');
    expect(focused()).toBe('0');
    await userEvent.keyboard('jj{ArrowDown}k');
    await expect.poll(focused).toBe('2');
    await userEvent.keyboard('{PageDown}');
    await expect.poll(() => Number(focused())).toBeGreaterThan(5);
    await userEvent.keyboard('{End}');
    await expect.poll(focused).toBe('4999');
    const last = page.getByRole('row', { name: /^Row 4999/ });
    await expect.element(last).toBeInViewport();
    await userEvent.keyboard('{Home}');
    await expect.poll(focused).toBe('0');
  });

  test('a row that has the focus is not covered by the header', async () => {
    const page = await render(Rows);
    await page.getByRole('row', { name: /^Row 3 / }).click();
    await userEvent.keyboard('{End}');
    await expect.poll(focused).toBe('4999');
    for (let step = 0; step < 30; step += 1) await userEvent.keyboard('k');
    await expect.poll(focused).toBe('4969');
    const head = page.getByRole('columnheader', { name: 'Name' }).element().getBoundingClientRect();
    expect(document.activeElement?.getBoundingClientRect().top).toBeGreaterThanOrEqual(head.bottom - 1);
  });

  test('the row with the focus keeps it when scrolled out of sight', async () => {
    const page = await render(Rows);
    await page.getByRole('row', { name: /^Row 2 / }).click();
    const grid = page.getByRole('grid').element();
    grid.scrollTop = 50_000;
    await expect.element(page.getByRole('row', { name: /^Row 1790/ })).toBeInTheDocument();
    expect(focused()).toBe('2');
    await userEvent.keyboard('j');
    await expect.poll(focused).toBe('3');
    await expect.element(page.getByRole('row', { name: /^Row 3 / })).toBeInViewport();
  });

  test('rows are marked by a key of the caller, opened by Enter', async () => {
    const onopen = vi.fn();
    const page = await render(Rows, { onopen });
    await page.getByRole('row', { name: /^Row 1 / }).click();
    await userEvent.keyboard(' {Enter}');
    await expect.element(page.getByRole('row', { name: /^Row 1 / })).toHaveAttribute('aria-selected', 'true');
    expect(onopen).toHaveBeenCalledWith(1, 1);
  });

  test('a header sorts', async () => {
    const page = await render(Rows);
    await page.getByRole('button', { name: 'Name' }).click();
    await expect
      .element(page.getByRole('columnheader', { name: 'Name' }))
      .toHaveAttribute('aria-sort', 'descending');
  });

  test('in a narrow place scrolls sideways, its header with it', async () => {
    const page = await render(Rows);
    const grid = page.getByRole('grid').element();
    expect(grid.scrollWidth).toBeGreaterThan(grid.clientWidth);
    await page.getByRole('row', { name: /^Row 1 / }).click();
    await userEvent.keyboard('{ArrowRight}');
    await expect.poll(() => grid.scrollLeft).toBeGreaterThan(0);
  });

  test('tells when its end comes near', async () => {
    const onend = vi.fn();
    const page = await render(Rows, { onend });
    await expect.element(page.getByRole('row', { name: /^Row 0/ })).toBeVisible();
    expect(onend).not.toHaveBeenCalled();
    page.getByRole('grid').element().scrollTop = 1e9;
    await expect.poll(() => onend.mock.calls.length).toBeGreaterThan(0);
  });

  test('without rows says so', async () => {
    const page = await render(Rows, { count: 0 });
    await expect.element(page.getByText('No numbers')).toBeVisible();
    await expect.element(page.getByRole('grid')).toHaveAttribute('aria-rowcount', '1');
  });

  test('follows the density', async () => {
    await browser.viewport(1280, 800);
    const page = await render(Rows);
    const row = page.getByRole('row', { name: /^Row 1 / });
    await expect.poll(() => row.element().getBoundingClientRect().height).toBe(28);
    document.documentElement.dataset.density = 'compact';
    try {
      await expect.poll(() => row.element().getBoundingClientRect().height).toBe(24);
    } finally {
      delete document.documentElement.dataset.density;
    }
  });
});
