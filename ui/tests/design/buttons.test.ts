import { userEvent } from 'vitest/browser';
import { describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { Button, Chip, CopyText, Disclosure, IconButton, Kbd, Menu, Tooltip } from '$design';
import { LONG, words } from '../support/snippets';

describe('a button', () => {
  test('is pressed by pointer and keyboard', async () => {
    const onclick = vi.fn();
    const page = await render(Button, { children: words('Compare'), onclick });
    await page.getByRole('button', { name: 'Compare' }).click();
    await userEvent.keyboard('{Enter} ');
    expect(onclick).toHaveBeenCalledTimes(3);
  });

  test('at work takes no presses and keeps its focus', async () => {
    const onclick = vi.fn();
    const page = await render(Button, { children: words('Promote'), onclick });
    const button = page.getByRole('button', { name: 'Promote' });
    await button.click();
    await page.rerender({ busy: true });
    await expect.element(button).toHaveAttribute('aria-busy', 'true');
    await userEvent.keyboard('{Enter}');
    expect(onclick).toHaveBeenCalledTimes(1);
    await expect.element(button).toHaveFocus();
  });

  test('off takes none either', async () => {
    const onclick = vi.fn();
    const page = await render(Button, { children: words('Promote'), onclick, disabled: true });
    await page.getByRole('button').click({ force: true });
    expect(onclick).not.toHaveBeenCalled();
  });

  test('with too many words stays inside its place', async () => {
    document.body.style.width = '200px';
    const page = await render(Button, { children: words(LONG) });
    const box = page.getByRole('button').element().getBoundingClientRect();
    document.body.style.width = '';
    expect(box.width).toBeLessThanOrEqual(200);
    expect(box.height).toBe(32);
  });
});

test('an icon button has a name, and says whether it is down', async () => {
  const page = await render(IconButton, { label: 'Pin the baseline', pressed: true, children: words('x') });
  await expect.element(page.getByRole('button', { name: 'Pin the baseline', pressed: true })).toBeVisible();
});

test('a chip is chosen and taken away separately', async () => {
  const onclick = vi.fn();
  const onremove = vi.fn();
  const page = await render(Chip, {
    pressed: true,
    onclick,
    onremove,
    removeLabel: 'Remove branch:main',
    children: words('branch:main'),
  });
  await page.getByRole('button', { name: 'branch:main', exact: true }).click();
  await page.getByRole('button', { name: 'Remove branch:main' }).click();
  expect([onclick.mock.calls.length, onremove.mock.calls.length]).toEqual([1, 1]);
});

test('a disclosure shows and hides what it has', async () => {
  const page = await render(Disclosure, { title: 'Details', children: words('The inside') });
  const button = page.getByRole('button', { name: 'Details', expanded: false });
  await button.click();
  await expect.element(page.getByText('The inside')).toBeVisible();
  await page.getByRole('button', { name: 'Details', expanded: true }).click();
  await expect.element(page.getByText('The inside')).not.toBeInTheDocument();
});

test('keys are shown by the names on the keyboard', async () => {
  const page = await render(Kbd, { keys: '$mod+k' });
  await expect.element(page.getByText('Ctrl')).toBeVisible();
  await page.rerender({ keys: 'g h' });
  await expect.element(page.getByText('then')).toBeVisible();
});

test('text is copied whole, and shown without what would hide', async () => {
  const copied = vi.fn(() => Promise.resolve());
  vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(copied);
  const page = await render(CopyText, { text: 'a\u202eb', label: 'path' });
  await expect.element(page.getByText('a⟨U+202E⟩b')).toBeVisible();
  await page.getByRole('button', { name: 'Copy path' }).click();
  await expect.element(page.getByRole('button', { name: 'Copied path' })).toBeVisible();
  expect(copied).toHaveBeenCalledWith('a\u202eb');
});

describe('a menu', () => {
  test('is opened and used by the keyboard, and gives the focus back', async () => {
    const run = vi.fn();
    const page = await render(Menu, {
      label: 'More',
      items: [
        { label: 'Export', run },
        { label: 'Not now', run, disabled: true, hint: 'Needs a run' },
      ],
    });
    const button = page.getByRole('button', { name: 'More' });
    (button.element() as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('menuitem', { name: 'Export' })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(button).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('menuitem', { name: 'Export' })).toBeVisible();
    await userEvent.keyboard('{ArrowDown}{ArrowUp}{Enter}');
    expect(run).toHaveBeenCalledTimes(1);
  });

  test('says why something cannot be chosen, and does not run it', async () => {
    const run = vi.fn();
    const page = await render(Menu, {
      label: 'More',
      items: [{ label: 'Promote', run, disabled: true, hint: 'Needs a run' }],
    });
    await page.getByRole('button', { name: 'More' }).click();
    await expect.element(page.getByText('Needs a run')).toBeVisible();
    await page.getByRole('menuitem').click({ force: true });
    expect(run).not.toHaveBeenCalled();
  });
});

describe('a tooltip', () => {
  test('is shown to who comes by keyboard, describes the control, and goes with Escape', async () => {
    const page = await render(Tooltip, { text: 'Measured on 1,000 rows', children: words('') });
    const button = document.createElement('button');
    button.textContent = 'ECE';
    page.container.querySelector('span span')?.replaceWith(button);
    await userEvent.keyboard('{Tab}');
    await expect.element(page.getByRole('tooltip')).toHaveTextContent('Measured on 1,000 rows');
    await expect.element(page.getByRole('button')).toHaveAccessibleDescription('Measured on 1,000 rows');
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('tooltip')).not.toBeInTheDocument();
  });

  test('stays while the pointer is on its words', async () => {
    const page = await render(Tooltip, { text: 'Words', children: words('Anchor') });
    await userEvent.hover(page.getByText('Anchor'));
    await expect.element(page.getByRole('tooltip')).toBeVisible();
    await userEvent.hover(page.getByRole('tooltip'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await expect.element(page.getByRole('tooltip')).toBeVisible();
  });
});
