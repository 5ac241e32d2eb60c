import { createRawSnippet, type Snippet } from 'svelte';

/** Words as a snippet. */
export function words(text: string): Snippet {
  return createRawSnippet(() => {
    const node = document.createElement('span');
    node.textContent = text;
    return { render: () => node.outerHTML };
  });
}

export const LONG =
  'A text that is much longer than the place it was given and must not break anything around it. '.repeat(3);
