import { userEvent } from 'vitest/browser';
import { describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Overlays from './fixtures/Overlays.svelte';

describe.each(['dialog', 'sheet'] as const)('a %s', (kind) => {
  test('takes the focus into its content, keeps it, and gives it back', async () => {
    const page = await render(Overlays, { kind });
    await page.getByRole('button', { name: 'Open it' }).click();
    await expect
      .element(page.getByRole('dialog', { name: 'Forget?' }))
      .toHaveAccessibleDescription('Its files stay.');
    await expect.element(page.getByRole('textbox', { name: 'Why' })).toHaveFocus();
    await userEvent.keyboard('{Tab}{Tab}{Tab}');
    await expect.element(page.getByRole('textbox', { name: 'Why' })).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
    await expect.element(page.getByRole('button', { name: 'Open it' })).toHaveFocus();
  });

  test('at work is closed neither by Escape nor by its button', async () => {
    const page = await render(Overlays, { kind, busy: true });
    await page.getByRole('button', { name: 'Open it' }).click();
    await expect.element(page.getByRole('textbox', { name: 'Why' })).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect.element(page.getByRole('dialog')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Close' })).toBeDisabled();
  });
});
