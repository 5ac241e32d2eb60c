import { existsSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { alias } from './vite.config.ts';

// The system's browser where there is one, else the one Playwright was told to install.
const chromium = [process.env.KEELMARK_CHROMIUM, '/usr/bin/chromium'].find(
  (path) => path && existsSync(path),
);

/** Pure tests beside the code run in node: `src/…/*.test.ts`. What needs a page runs in a real browser. */
export default defineConfig({
  // Two runs side by side need a folder each.
  cacheDir: process.env.KEELMARK_VITE_CACHE ?? 'node_modules/.vite',
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'plain',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.browser.test.ts'],
          environment: 'node',
        },
      },
      {
        plugins: [svelte()],
        cacheDir: process.env.KEELMARK_VITE_CACHE ?? 'node_modules/.vite',
        resolve: { alias, conditions: ['browser'] },
        // All that is imported is found before the first test: nothing is prepared, and reloaded, in between. The
        // icons are small files each, and many.
        optimizeDeps: {
          entries: ['src/**/*.{ts,svelte}', 'tests/**/*.{ts,svelte}', 'gallery/*.svelte'],
          include: ['vitest-browser-svelte', '@tauri-apps/api/mocks'],
          exclude: ['@lucide/svelte'],
        },
        server: { fs: { allow: ['..'] } },
        test: {
          name: 'browser',
          include: ['tests/**/*.test.ts', 'src/**/*.browser.test.ts'],
          setupFiles: ['tests/setup.ts'],
          testTimeout: 20_000,
          // Of a browser on a busy machine; one that passes only the second time is named.
          retry: process.env.CI === 'true' ? 1 : 0,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            viewport: { width: 1280, height: 800 },
            provider: playwright({
              launchOptions: {
                ...(chromium ? { executablePath: chromium } : {}),
                args: [
                  '--no-sandbox',
                  '--disable-background-networking',
                  '--disable-component-update',
                  '--disable-sync',
                ],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
