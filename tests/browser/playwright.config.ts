import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  globalSetup: './support/begin.ts',
  outputDir: '../../target/browser-results',
  fullyParallel: true,
  workers: 2,
  timeout: 120_000,
  // A comparison of an unoptimised backend takes its time on a busy machine.
  expect: { timeout: 30_000 },
  forbidOnly: process.env.CI === 'true',
  // A test that passes only the second time is reported as flaky.
  retries: process.env.CI === 'true' ? 1 : 0,
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    trace: process.env.CI === 'true' ? 'off' : 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.KEELMARK_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
