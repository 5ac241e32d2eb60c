export { default as Compare } from './Compare.svelte';
export { default as CompareFiles } from './CompareFiles.svelte';
