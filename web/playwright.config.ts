import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const chromium = process.env.LAGGARD_CHROMIUM || ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

export default defineConfig({
  testDir: 'test',
  outputDir: process.env.LAGGARD_WEB_RESULTS || 'test-results',
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 120_000, // machines are busy at times; nothing here takes more than a few seconds
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 900 },
    launchOptions: { executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'] },
  },
});
