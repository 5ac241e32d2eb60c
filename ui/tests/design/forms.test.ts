import { userEvent } from 'vitest/browser';
import { describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Choices from './fixtures/Choices.svelte';
import Form from './fixtures/Form.svelte';

describe('a field', () => {
  test('names its control and tells what is wrong with it', async () => {
    const page = await render(Form, { problem: 'A name is needed.' });
    const input = page.getByRole('textbox', { name: 'Name' });
    await expect.element(input).toBeInvalid();
    await expect.element(input).toHaveAccessibleDescription('A name is needed. As Git knows you');
    await page.rerender({ problem: null });
    await expect.element(input).toBeValid();
    await expect.element(input).toHaveAccessibleDescription('As Git knows you');
  });

  test('hands on what is typed, and Enter', async () => {
    const onenter = vi.fn();
    const page = await render(Form, { onenter });
    await page.getByRole('textbox', { name: 'Name' }).fill('Ada');
    await userEvent.keyboard('{Enter}');
    expect(onenter).toHaveBeenCalledWith('Ada');
    await expect.element(page.getByRole('status')).toHaveTextContent('Ada/main');
  });

  test('a number that is none, or out of bounds, is told', async () => {
    const onnumber = vi.fn();
    const page = await render(Form, { onnumber });
    const input = page.getByRole('spinbutton', { name: 'Epochs' });
    await input.fill('0');
    await expect.element(input).toBeInvalid();
    await input.fill('');
    await userEvent.keyboard('{Tab}');
    expect(onnumber).toHaveBeenLastCalledWith(null);
  });

  test('a selection is made by the keyboard', async () => {
    const page = await render(Form);
    (page.getByRole('combobox', { name: 'Branch' }).element() as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('option', { name: 'wide' })).toBeVisible();
    await userEvent.keyboard('{ArrowDown}{Enter}');
    await expect.element(page.getByRole('status')).toHaveTextContent('/wide');
    await expect.element(page.getByRole('option', { name: 'wide' })).not.toBeInTheDocument();
  });
});

describe('choices', () => {
  test('tabs go round by arrows, and only the chosen one is a stop', async () => {
    const page = await render(Choices);
    const tab = (name: string) => page.getByRole('tab', { name });
    await tab('one').click();
    await userEvent.keyboard('{ArrowRight}');
    await expect.element(tab('two')).toHaveFocus();
    await expect.element(page.getByRole('tabpanel', { name: 'two' })).toHaveTextContent('Content of two');
    await userEvent.keyboard('{End}{ArrowRight}');
    await expect.element(tab('one')).toHaveFocus();
    await expect.element(tab('two')).toHaveAttribute('tabindex', '-1');
  });

  test('a segment is chosen by arrows', async () => {
    const page = await render(Choices);
    await page.getByRole('radio', { name: 'light' }).click({ force: true });
    await userEvent.keyboard('{ArrowRight}');
    await expect.element(page.getByRole('radio', { name: 'dark' })).toBeChecked();
    await expect.element(page.getByRole('status')).toHaveTextContent('/dark/');
  });

  test('boxes and switches answer to Space', async () => {
    const page = await render(Choices);
    (page.getByRole('checkbox', { name: 'Changes only' }).element() as HTMLElement).focus();
    await userEvent.keyboard(' {Tab} ');
    await expect.element(page.getByRole('status')).toHaveTextContent('/true/false');
  });

  test('a combobox is narrowed by words, hints too, and takes one by Enter', async () => {
    const page = await render(Choices);
    const input = page.getByRole('combobox', { name: 'Revision' });
    await input.click();
    await expect.element(page.getByRole('option', { name: 'old' })).toBeVisible();
    await input.fill('ada');
    await expect.element(page.getByRole('option', { name: 'old' })).not.toBeInTheDocument();
    await expect.element(page.getByRole('option')).toHaveTextContent('wide-layer');
    await userEvent.keyboard('{ArrowDown}{Enter}');
    await expect.element(page.getByRole('status')).toHaveTextContent('/wide/');
    await expect.element(input).toHaveValue('wide-layer');
  });

  test('a combobox goes back to its value where the text is none', async () => {
    const page = await render(Choices);
    const input = page.getByRole('combobox', { name: 'Revision' });
    await input.fill('nothing like it');
    await userEvent.keyboard('{Tab}');
    await expect.element(input).toHaveValue('main');
  });

  test('a free combobox takes any text', async () => {
    const page = await render(Choices, { free: true });
    const input = page.getByRole('combobox', { name: 'Revision' });
    await input.fill('4f2a9c1b');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('status')).toHaveTextContent('/4f2a9c1b/');
  });
});
