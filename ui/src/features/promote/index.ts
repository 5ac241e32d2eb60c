export { default as PromoteSheet } from './PromoteSheet.svelte';
export { default as RollbackSheet } from './RollbackSheet.svelte';
