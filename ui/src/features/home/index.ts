export { default as Home } from './Home.svelte';
export { home } from './messages';
