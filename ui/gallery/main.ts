import { mount } from 'svelte';
import '../src/design/base.css';
import Gallery from './Gallery.svelte';

// Only for looking, in development: `?theme=dark&density=compact`.
const words = new URLSearchParams(location.search);
document.documentElement.dataset.theme = words.get('theme') ?? 'system';
document.documentElement.dataset.density = words.get('density') ?? 'comfortable';

const target = document.getElementById('app');
if (target) mount(Gallery, { target });
