export { default as Environments } from './Environments.svelte';
export { default as EnvironmentPage } from './EnvironmentPage.svelte';
