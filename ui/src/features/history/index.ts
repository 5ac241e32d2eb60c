export { default as History } from './History.svelte';
