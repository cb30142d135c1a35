// The live page, served by the runner itself: LAGGARD_RUNNER says where that is.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';

const runner = process.env.LAGGARD_RUNNER;
test.skip(!runner, 'no runner was built');

const endless = ['--synthetic', 'n=2000,d=50,density=0.1', '--stop', 'none', '--quiet', '--serve', '--workers'];
// Endless too, but its workers sleep most of the time: the browser has the processors.
const calm = [...endless, '4', '--max-rounds', '1e9', '--fleet', 'threads', '--straggler', 'fixed:0.02'];
test.setTimeout(90_000);  // browsers start slowly on a busy machine
let child: ChildProcess;

// The address that it prints.
async function serve(args: string[]): Promise<string> {
  child = spawn(runner!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  return new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(`no address: ${text}`)));
    child.stderr!.on('data', (part) => {
      text += part;
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(text);
      if (found) resolve(found[0]);
    });
  });
}

test.afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

function errors_of(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (m) => { if (m.type() === 'error') errors.push(m.text()); });
  page.on('pageerror', (e) => errors.push(String(e)));
  return errors;
}

function number_of(page: Page, name: string): Promise<string> {
  return page.locator(`#numbers div:has(dt:text-is("${name}")) dd`).innerText();
}

// What a chart has been given.
function data_of(page: Page, id: string): Promise<(number | null)[][]> {
  return page.evaluate((name) => {
    const box = document.getElementById(name) as unknown as { chart: { getOption(): { series: { data: number[][] }[] } } };
    return box.chart.getOption().series[0].data;
  }, id);
}

test('a run is followed to its end', async ({ page }) => {
  const errors = errors_of(page);
  const url = await serve([...endless, '8', '--max-rounds', '1e9']);
  await page.goto(url);
  await expect(page.locator('#status')).toHaveText('running');
  await expect(page).toHaveTitle('sync, 8 workers');
  const rounds = Number(await number_of(page, 'rounds'));
  await expect.poll(async () => Number(await number_of(page, 'rounds'))).toBeGreaterThan(rounds);
  await expect(page.locator('#workers i')).toHaveCount(8);
  const [first] = await data_of(page, 'curve');
  expect(first[0]).toBe(1);
  expect((await data_of(page, 'timeline')).length).toBeGreaterThanOrEqual(8);
  expect(await number_of(page, 'cost so far')).toMatch(/^[\d.e-]+ \$$/);
  expect(await number_of(page, 'start-up')).toMatch(/^\d/);
  expect(await number_of(page, 'solving')).toMatch(/^\d/);

  await page.locator('#measure').selectOption('objective');
  await page.locator('#axis').selectOption('fleet_s');
  await expect.poll(async () => (await data_of(page, 'curve'))[0][0]).toBeLessThan(1e3);
  child.kill('SIGINT');
  await expect(page.locator('#status')).toHaveText(/^ended: interrupted/);
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(130);
  // What was seen stays.
  await expect(page.locator('#workers i')).toHaveCount(8);
  expect(errors).toEqual([]);
});

test('a run that is killed is told', async ({ page }) => {
  const url = await serve(calm);
  await page.goto(url);
  await expect(page.locator('#status')).toHaveText('running');
  child.kill('SIGKILL');
  await expect(page.locator('#status')).toHaveText('no answer: the runner has ended, or was killed');
});

test('workers of threads work and idle', async ({ page }) => {
  const errors = errors_of(page);
  const url = await serve([...endless, '3', '--max-rounds', '1e9', '--fleet', 'threads', '--protocol', 'async',
    '--straggler', 'fixed:0.5,0.01,0.01']);
  await page.goto(url);
  await expect(page.locator('#workers i')).toHaveCount(3);
  await expect(page.locator('#legend')).toContainText('working');
  await expect(page.locator('#workers i.w').first()).toBeVisible();
  expect(await number_of(page, 'cost so far')).toBe('–');
  expect(errors).toEqual([]);
});

test('another page is told nothing', async ({ page }) => {
  const url = await serve(calm);
  const port = new URL(url).port;
  // A page of another origin, in a real browser.
  await page.route('http://evil.example/', (route) => route.fulfill({ contentType: 'text/html', body: '<p>evil</p>' }));
  await page.goto('http://evil.example/');
  const outcome = await page.evaluate(
    (address) => fetch(`${address}events`).then((reply) => `read ${reply.status}`, (error) => String(error)), url);
  expect(outcome).toContain('TypeError');
  const framed = await page.evaluate((address) => new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve('loaded');
    image.onerror = () => resolve('refused');
    image.src = address;
  }), url);
  expect(framed).toBe('refused');
  // A name that has come to mean this machine.
  const status = await new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/events', headers: { Host: `evil.example:${port}` } }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    });
  });
  expect(status).toBe(403);
});

test('a matrix is followed to its end', async ({ page }) => {
  const errors = errors_of(page);
  const folder = mkdtempSync(join(tmpdir(), 'laggard-live-'));
  writeFileSync(join(folder, 'matrix.json'), JSON.stringify({
    name: 'four',
    base: { synthetic: 'n=2000,d=50,density=0.1', stop: 'none', 'max-rounds': 3000, workers: 8 },
    axes: { protocol: ['sync', 'async'] },
    repeat: { seed: [1, 2] },
  }));
  const url = await serve(['matrix', join(folder, 'matrix.json'), 'run', '--output', join(folder, 'out'), '--jobs', '1', '--serve']);
  await page.goto(url);
  await expect(page).toHaveTitle('four, 4 cells');
  await expect(page.locator('#cells i')).toHaveCount(4);
  await expect(page.locator('#status')).toHaveText('ended: 4 cells: 4 done, 0 failed, 0 to do', { timeout: 25_000 });
  expect(await number_of(page, 'done')).toBe('4');
  await expect(page.locator('#cells i.c-done')).toHaveCount(4);
  expect((await data_of(page, 'cell-curves')).length).toBeGreaterThan(10);
  expect(errors).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});
