export { default as Audit } from './Audit.svelte';
