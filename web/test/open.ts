// Opens a report of a document, as `runner report` writes it, and looks into its charts.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, Page } from '@playwright/test';
import { Document } from '../src/data';

const folder = mkdtempSync(join(tmpdir(), 'laggard-web-'));
const template = readFileSync(new URL('../dist/report.html', import.meta.url), 'utf8');
let serial = 0;

// Six digits, as in a report.
export function text_of(document: Document): string {
  return JSON.stringify(document, (_key, value) => (typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value));
}

export function report_of(document: Document, packed = true): string {
  const text = text_of(document);
  const element = packed
    ? `<script id="laggard-data" type="application/octet-stream;base64">${gzipSync(text).toString('base64')}</script>`
    : `<script id="laggard-data" type="application/json">${text.replace(/</g, '\\u003c')}</script>`;
  return template.replace('<!--LAGGARD_DATA-->', () => element);
}

export function file_of(html: string): string {
  const path = join(folder, `${process.pid}-${(serial += 1)}.html`);
  writeFileSync(path, html);
  return pathToFileURL(path).href;
}

// What went wrong while the page was open; filled as it does.
export function watch(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) errors.push(`asks for ${request.url()}`);
  });
  return errors;
}

export async function open(page: Page, document: Document, packed = true): Promise<string[]> {
  const errors = watch(page);
  await page.goto(file_of(report_of(document, packed)));
  await expect(page.locator('main')).toBeVisible();
  return errors;
}

export interface Drawn {
  name: string;
  type: string;
  data: unknown[];
}

// The series of a chart, from its instance of ECharts.
export async function drawn(page: Page, chart: string): Promise<Drawn[]> {
  return page.evaluate((name) => {
    const tools = (window as unknown as { laggard: { cards: { come_near: () => void; element: HTMLElement }[]; instance_of: (e: Element) => { getOption: () => { series: Drawn[] } } } }).laggard;
    const card = tools.cards.find((c) => c.element.id === name)!;
    card.come_near();
    return tools.instance_of(card.element.querySelector('.plot')!).getOption().series.map((s) => ({ name: s.name, type: s.type, data: s.data }));
  }, chart);
}

export async function line(page: Page, chart: string, name: string): Promise<number[][]> {
  const found = (await drawn(page, chart)).find((s) => s.name === name && s.type === 'line');
  expect(found, `${chart}: a line ${name}`).toBeTruthy();
  return found!.data as number[][];
}

export async function choose(page: Page, chart: string, control: string, label: string): Promise<void> {
  await page.evaluate((name) => {
    const { cards } = (window as unknown as { laggard: { cards: { come_near: () => void; element: HTMLElement }[] } }).laggard;
    cards.find((c) => c.element.id === name)!.come_near();
  }, chart);
  const made = page.locator(`#${chart} [data-control="${control}"]`);
  if (await made.locator('select').count()) await made.locator('select').selectOption({ label });
  else await made.getByRole('radio', { name: label, exact: true }).check();
}
