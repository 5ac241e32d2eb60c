import { page as browser } from 'vitest/browser';
import axe from 'axe-core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { Empty, ProblemNote, Progress, Skeleton } from '$design';
import Gallery from '../../gallery/Gallery.svelte';

const problem = {
  code: 'invalid_manifest',
  summary: 'model.yaml is not accepted.',
  detail: 'unknown key',
  hint: 'Did you mean `epochs`?',
  retryable: true,
  location: { file: 'model.yaml', line: 14, column: 3 },
};

test('a problem says what, where and what to do', async () => {
  const onretry = vi.fn();
  const page = await render(ProblemNote, { problem, onretry });
  const note = page.getByRole('alert');
  for (const text of ['model.yaml is not accepted.', 'model.yaml:14:3', 'unknown key', 'Did you mean']) {
    await expect.element(note).toHaveTextContent(text);
  }
  await page.getByRole('button', { name: 'Try again' }).click();
  expect(onretry).toHaveBeenCalledTimes(1);
});

test('progress is a number only where it is one', async () => {
  const page = await render(Progress, { done: 340, total: 1_000, label: 'Cloning', words: '340 of 1,000' });
  const bar = page.getByRole('progressbar', { name: 'Cloning' });
  await expect.element(bar).toHaveAttribute('aria-valuenow', '34');
  await page.rerender({ total: null });
  await expect.element(bar).not.toHaveAttribute('aria-valuenow');
});

test('loading is told, emptiness has words', async () => {
  const page = await render(Skeleton, { rows: 2 });
  await expect.element(page.getByRole('status', { name: 'Loading' })).toBeInTheDocument();
  const other = await render(Empty, { title: 'No runs yet', text: 'Train this version.' });
  await expect.element(other.getByText('No runs yet')).toBeVisible();
});

describe('all primitives', () => {
  afterEach(async () => {
    document.documentElement.dataset.theme = 'light';
    delete document.documentElement.dataset.density;
    await browser.viewport(1280, 800);
  });

  test.each(['light', 'dark', 'contrast'])('are accessible in %s', async (theme) => {
    document.documentElement.dataset.theme = theme;
    const page = await render(Gallery);
    // Colours are measured once they stand still.
    await Promise.all(
      document
        .getAnimations()
        .map((one) => (one.effect?.getTiming().iterations === Infinity ? null : one.finished)),
    );
    const found = await axe.run(page.container, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      // The page around the gallery is the test's, not ours.
      rules: { 'page-has-heading-one': { enabled: false }, region: { enabled: false } },
    });
    const told = (results: axe.Result[]) =>
      results.map(
        (one) =>
          `${one.id}: ${one.nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join('\n')}`,
      );
    expect(told(found.violations).join('\n')).toBe('');
    // What axe cannot decide is no pass: gradients and overlaps would hide here.
    expect(told(found.incomplete).join('\n')).toBe('');
  });

  test.each(['comfortable', 'compact'])('have targets of 24 px in %s density', async (density) => {
    document.documentElement.dataset.density = density;
    const page = await render(Gallery);
    const small = [
      ...page.container.querySelectorAll<HTMLElement>('button, a, input, textarea, select, [role="tab"]'),
    ]
      .map((control) => {
        // A label around a control is part of its target.
        const target = control.closest('label') ?? control;
        const { width, height } = target.getBoundingClientRect();
        return { name: control.outerHTML.slice(0, 160), width, height };
      })
      .filter(({ width, height }) => width < 24 || height < 24)
      .map(({ name, width, height }) => `${width} by ${height}: ${name}`);
    expect(small.join('\n')).toBe('');
  });

  test.each([640, 320])('stay inside a window of %d px', async (width) => {
    await browser.viewport(width, 800);
    const page = await render(Gallery);
    const edge = document.documentElement.clientWidth;
    expect(edge).toBeLessThanOrEqual(width);
    const outside = [...page.container.querySelectorAll<HTMLElement>('main *')]
      .filter((node) => !node.closest('[role="grid"], [role="tablist"]'))
      .filter((node) => node.getBoundingClientRect().right > edge + 0.5)
      .map((node) => node.outerHTML.slice(0, 120));
    expect(outside.join('\n')).toBe('');
  });
});
