import { userEvent } from 'vitest/browser';
import { afterEach, expect, test, vi } from 'vitest';
import { keys } from '$states';

let undo: (() => void)[] = [];
afterEach(() => {
  undo.forEach((take) => take());
  undo = [];
  document.body.querySelectorAll('[data-test]').forEach((node) => node.remove());
});

function on(binding: string, more: Partial<Parameters<typeof keys.register>[0]> = {}) {
  const run = vi.fn();
  undo.push(keys.register({ id: binding, title: binding, keys: binding, run, ...more }));
  return run;
}

function place<T extends HTMLElement>(node: T): T {
  node.dataset.test = '';
  document.body.append(node);
  return node;
}

test('a sequence needs all its keys in order', async () => {
  const history = on('g h');
  const single = on('h');
  await userEvent.keyboard('gh');
  expect(history).toHaveBeenCalledTimes(1);
  expect(single).not.toHaveBeenCalled();
  await userEvent.keyboard('h');
  expect(history).toHaveBeenCalledTimes(1);
  expect(single).toHaveBeenCalledTimes(1);
});

test('a sign is heard however the keyboard makes it', async () => {
  const help = on('?');
  window.dispatchEvent(new KeyboardEvent('keydown', { key: '?', shiftKey: true }));
  window.dispatchEvent(new KeyboardEvent('keydown', { key: '?' }));
  window.dispatchEvent(new KeyboardEvent('keydown', { key: '?', ctrlKey: true }));
  expect(help).toHaveBeenCalledTimes(2);
});

test('the newest binding of a key wins, and gives it back', async () => {
  const below = on('x');
  const above = on('x');
  await userEvent.keyboard('x');
  expect(above).toHaveBeenCalledTimes(1);
  expect(below).not.toHaveBeenCalled();
  undo.pop()?.();
  await userEvent.keyboard('x');
  expect(below).toHaveBeenCalledTimes(1);
});

test('typing is left alone, but for $mod and Escape', async () => {
  const letter = on('j');
  const palette = on('$mod+k');
  const escape = on('Escape');
  const input = place(document.createElement('input'));
  input.focus();
  await userEvent.keyboard('j{Control>}k{/Control}{Escape}');
  expect(input.value).toBe('j');
  expect(letter).not.toHaveBeenCalled();
  expect(palette).toHaveBeenCalledTimes(1);
  expect(escape).toHaveBeenCalledTimes(1);
});

test('an open dialog keeps the keys of the page below away', async () => {
  const page = on('c');
  const dialog = on('d', { inDialog: true });
  const open = place(document.createElement('div'));
  open.setAttribute('data-dialog-open', '');
  await userEvent.keyboard('cd');
  expect(page).not.toHaveBeenCalled();
  expect(dialog).toHaveBeenCalledTimes(1);
});

test('what does not apply is neither heard nor listed', async () => {
  let applies = false;
  const run = on('p', { when: () => applies });
  await userEvent.keyboard('p');
  expect(run).not.toHaveBeenCalled();
  expect(keys.list()).toHaveLength(0);
  applies = true;
  await userEvent.keyboard('p');
  expect(run).toHaveBeenCalledTimes(1);
});
