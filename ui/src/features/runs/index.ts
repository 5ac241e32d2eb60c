export { default as Runs } from './Runs.svelte';
export { default as ForeignRunPage } from './ForeignRunPage.svelte';
export { isOurs } from './others';
export { default as RunPage } from './RunPage.svelte';
export { default as TrainingDialog } from './TrainingDialog.svelte';
export { page, runs, training } from './messages';
