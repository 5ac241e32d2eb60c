import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The names by which one layer imports another; tsconfig.json has the same. */
export const alias = {
  $design: folder('./src/design'),
  $states: folder('./src/state'),
  $domain: folder('./src/domain'),
  $charts: folder('./src/charts'),
  $host: folder('./src/host'),
  $generated: folder('./src/generated'),
  $messages: folder('./src/messages'),
  $features: folder('./src/features'),
};

// A browser against the loopback server: name its address, e.g. KEELMARK_LOOPBACK=http://127.0.0.1:4600.
const loopback = process.env.KEELMARK_LOOPBACK;

export default defineConfig({
  plugins: [svelte()],
  base: './',
  resolve: { alias },
  clearScreen: false,
  server: {
    port: 5173,
    strictPort: true,
    host: '127.0.0.1',
    proxy: loopback ? { '/call': loopback, '/events': loopback } : undefined,
  },
  build: {
    target: ['safari16.4', 'chrome111'],
    assetsInlineLimit: 0,
    // WebKitGTK cannot preload modules: it would fetch each of them twice.
    modulePreload: false,
    sourcemap: false,
    chunkSizeWarningLimit: 900,
  },
});
