import { expect, test } from '@playwright/test';

test('the built pages open without errors', async ({ page }) => {
  const errors: string[] = [];
  page.on('console', (m) => { if (m.type() === 'error') errors.push(m.text()); });
  page.on('pageerror', (e) => errors.push(String(e)));
  for (const name of ['report.html', 'live.html']) {
    await page.goto(new URL(`../dist/${name}`, import.meta.url).href);
    await expect(page).toHaveTitle(/Laggard/);
  }
  expect(errors).toEqual([]);
});
