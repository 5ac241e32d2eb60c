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
        resolve: { alias, conditions: ['browser'] },
        // Named here so that no test waits for a reload while they are prepared.
        optimizeDeps: {
          include: [
            'bits-ui',
            '@tanstack/virtual-core',
            'tinykeys',
            'vitest-browser-svelte',
            'd3-array',
            'd3-scale',
          ],
        },
        server: { fs: { allow: ['..'] } },
        test: {
          name: 'browser',
          include: ['tests/**/*.test.ts', 'src/**/*.browser.test.ts'],
          setupFiles: ['tests/setup.ts'],
          testTimeout: 20_000,
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
