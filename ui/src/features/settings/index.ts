export { default as Settings } from './Settings.svelte';
export { settings } from './messages';
