export { default as Runs } from './Runs.svelte';
export { default as RunPage } from './RunPage.svelte';
export { default as TrainingDialog } from './TrainingDialog.svelte';
export { page, runs, training } from './messages';
