// The report in Chromium: that it opens, and what a reader does with it.
import { readFileSync } from 'node:fs';
import { expect, Page, test } from '@playwright/test';
import { Document } from '../src/data';
import { drawn, file_of, open, report_of, watch } from './open';
import { sample } from './sample';

const small = sample({ data: ['a9a'], workers: [4, 16, 64], stragglers: ['none', 'bimodal:p=0.2,factor=10'], timelines: 2, timeline_rounds: 20 });

function sorted(values: number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function middle(values: number[]): number {
  const s = sorted(values);
  return s.length % 2 ? s[(s.length - 1) / 2] : (s[s.length / 2 - 1] + s[s.length / 2]) / 2;
}

function time_to(document: Document, gap: number, of: (options: { [name: string]: unknown }) => boolean): number {
  return middle(document.runs.filter((r) => of(r.options)).map((r) => {
    const at = r.series!.gap.findIndex((g) => g !== null && g <= gap);
    return at < 0 ? Infinity : r.series!.virtual_s[at]!;
  }));
}

async function column(page: Page, name: string): Promise<number[]> {
  return page.locator(`table.summary td[data-column="${name}"]`).evaluateAll((cells) => cells.map((c) => Number((c as HTMLElement).dataset.value ?? NaN)));
}

test('opens from a file without errors and without the network, packed and plain', async ({ page }) => {
  for (const packed of [true, false]) {
    const errors = await open(page, small, packed);
    await expect(page).toHaveTitle('Protocols against stragglers \u2013 Laggard');
    for (const title of ['Summary', 'Convergence', 'The paper', 'Protocols', 'Timeline', 'Reproduce']) {
      await expect(page.getByRole('heading', { name: title, exact: true, level: 2 })).toBeVisible();
    }
    await page.evaluate(() => (window as unknown as { laggard: { cards: { come_near: () => void }[] } }).laggard.cards.forEach((c) => c.come_near()));
    await expect(page.locator('.card.missing')).toHaveCount(1); // nothing was run at W = 256
    expect(errors).toEqual([]);
  }
});

test('200 cells are seen within a second and take less than 5 MB', async ({ page }) => {
  const many = sample({ seeds: 1, timelines: 5, timeline_rounds: 100 }); // 192
  const html = report_of(many);
  expect(html.length).toBeLessThan(5e6);
  const file = file_of(html);
  const paints: number[] = []; // the least, for the machine may be busy with something else
  for (let i = 0; i < 3; ++i) {
    await page.goto(file);
    await expect(page.locator('table.summary')).toBeVisible();
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
  }
  expect(Math.min(...paints)).toBeLessThan(1000);
});

test('the templates open without data', async ({ page }) => {
  const errors = watch(page);
  await page.goto(new URL('../dist/report.html', import.meta.url).href);
  await expect(page.locator('.empty')).toContainText('runner report');
  expect(errors).toEqual([]);
});

test('data of another schema is refused in words', async ({ page }) => {
  await page.goto(file_of(report_of({ ...small, schema: 7 })));
  await expect(page.getByRole('alert')).toContainText('of schema 7');
});

test('the slider changes the gap, and with it the table and the winners', async ({ page }) => {
  await open(page, small);
  const is_sync4 = (o: { [name: string]: unknown }) => o.protocol === 'sync' && o.workers === 4 && o.straggler === 'none';
  expect((await column(page, 'time'))[0]).toBeCloseTo(time_to(small, 1e-6, is_sync4), 3);
  const slider = page.getByRole('slider', { name: 'Relative gap to reach' });
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(page.locator('.gap output')).toHaveText('0.1');
  expect((await column(page, 'time'))[0]).toBeCloseTo(time_to(small, 0.1, is_sync4), 3);
  await page.keyboard.press('ArrowRight');
  expect((await column(page, 'time'))[0]).toBeCloseTo(time_to(small, 0.05, is_sync4), 3);
  await expect(page.locator('#headline')).toContainText('0.05');
  await page.keyboard.press('End');
  await expect(page.locator('table.summary td.absent').first()).toHaveText('not reached');
});

test('start-up is told apart from solving, and the winner by time is the least of its setting', async ({ page }) => {
  await open(page, small);
  const [startup, solving, time] = [await column(page, 'startup'), await column(page, 'solving'), await column(page, 'time')];
  expect(startup.length).toBe(48);
  startup.forEach((s, i) => expect(Math.abs(s + solving[i] - time[i]) / time[i]).toBeLessThan(0.05)); // medians do not add up exactly
  const best = await page.locator('table.summary tr:has(td[data-column="time"].best)').count();
  expect(best).toBe(6); // one a setting
  for (let setting = 0; setting < 6; ++setting) {
    const own = time.slice(8 * setting, 8 * setting + 8);
    const cell = page.locator('table.summary tbody tr').nth(8 * setting + own.indexOf(Math.min(...own))).locator('td[data-column="time"]');
    await expect(cell).toHaveClass(/best/);
  }
  await page.getByRole('radio', { name: 'without' }).check();
  await expect(page.locator('[data-winner="solving"]')).toBeVisible();
});

test('the table is sorted by a click, and back', async ({ page }) => {
  await open(page, small);
  const before = await column(page, 'bytes');
  const head = page.locator('th:has([data-sort="bytes"])');
  await head.getByRole('button').click();
  await expect(head).toHaveAttribute('aria-sort', 'ascending');
  expect(await column(page, 'bytes')).toEqual(sorted(before));
  await page.keyboard.press('Enter'); // it keeps the focus
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  expect(await column(page, 'bytes')).toEqual(sorted(before).reverse());
  await page.keyboard.press('Enter');
  expect(await column(page, 'bytes')).toEqual(before);
});

test('filters leave out what they name, everywhere', async ({ page }) => {
  await open(page, small);
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.locator('#filters input[value="async"]').uncheck();
  await expect(page.locator('table.summary tbody tr')).toHaveCount(30);
  expect((await drawn(page, 'convergence')).some((s) => s.name.startsWith('async'))).toBe(false);
  await expect(page.getByRole('button', { name: 'Filter: 30 of 48' })).toBeVisible();
  await page.locator('#filters input[data-option="workers"][value="4"]').uncheck();
  await expect(page.locator('table.summary tbody tr')).toHaveCount(20);
  await page.getByRole('button', { name: 'show everything' }).click();
  await expect(page.locator('table.summary tbody tr')).toHaveCount(48);
  await page.locator('#search').fill('tau=8 none');
  await expect(page.locator('table.summary tbody tr')).toHaveCount(3);
  await page.locator('#search').fill('nothing like this');
  await expect(page.locator('#summary-table .needs')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('#filters')).toBeHidden();
});

test('every chart can be had as SVG, PNG and CSV', async ({ page }) => {
  const errors = await open(page, small);
  await page.evaluate(() => (window as unknown as { laggard: { cards: { come_near: () => void }[] } }).laggard.cards.forEach((c) => c.come_near()));
  // A browser lets a page save no more than ten files at a time, so that only the first ones go all the way.
  const download = async (selector: string) => {
    const waiting = page.waitForEvent('download');
    await page.locator(selector).press('Enter');
    return readFileSync(await (await waiting).path());
  };
  expect((await download('#convergence [data-save="svg"]')).toString()).toMatch(/^<svg/);
  expect((await download('#convergence [data-save="png"]')).subarray(1, 4).toString()).toBe('PNG');
  expect((await download('#convergence [data-save="csv"]')).toString()).toMatch(/^configuration,/);
  await page.evaluate(() => {
    const kept: { name: string; blob: Blob }[] = [];
    let last: Blob | null = null;
    URL.createObjectURL = (blob: Blob | MediaSource) => ((last = blob as Blob), 'blob:kept');
    HTMLAnchorElement.prototype.click = function () { kept.push({ name: this.download, blob: last! }); };
    Object.assign(window, { kept });
  });
  const saved = async (button: ReturnType<Page['locator']>) => {
    const file = await button.evaluate(async (element) => {
      const { kept } = window as unknown as { kept: { name: string; blob: Blob }[] };
      (element as HTMLElement).click();
      while (kept.length === 0) await new Promise(requestAnimationFrame);
      const { name, blob } = kept.pop()!;
      return { name, bytes: [...new Uint8Array(await blob.arrayBuffer())] };
    });
    return { name: file.name, bytes: Buffer.from(file.bytes) };
  };
  const charts = await page.locator('.card[data-chart]:not(.missing)').evaluateAll((cards) => cards.map((c) => c.id));
  expect(charts.length).toBeGreaterThanOrEqual(17);
  for (const id of charts.concat('timeline-card')) {
    const card = page.locator(`#${id}`);
    const name = id === 'timeline-card' ? 'timeline' : id;
    const svg = await saved(card.locator('[data-save="svg"]'));
    expect(svg.name).toBe(`${name}.svg`);
    expect(svg.bytes.toString()).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    if (['convergence', 'figure6_histograms', 'timeline-card'].includes(id)) {
      const png = await saved(card.locator('[data-save="png"]'));
      expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
      expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(500); // its width
    }
    const csv = await saved(card.locator('[data-save="csv"]'));
    const lines = csv.bytes.toString().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines[1].split(',').length).toBeGreaterThanOrEqual(lines[0].split(',').length);
  }
  const table = await saved(page.locator('#summary-table [data-save="csv"]'));
  expect(table.bytes.toString().trimEnd().split('\n').length).toBe(49);
  expect(errors).toEqual([]);
});

test('dark colours follow the system, and a button', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  const errors = await open(page, small);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await ground()).toBe('rgb(16, 18, 22)');
  await page.getByRole('button', { name: 'Light colours' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  expect(await ground()).toBe('rgb(247, 247, 245)');
  expect(errors).toEqual([]);
});

test('a protocol has its colour and its marker in every chart', async ({ page }) => {
  await open(page, small);
  const shown = await page.evaluate(() => {
    const tools = (window as unknown as { laggard: { cards: { come_near: () => void; element: HTMLElement }[]; instance_of: (e: Element) => { getOption: () => { series: { name: string; type: string; symbol: string; lineStyle: { color: string } }[] } } | undefined } }).laggard;
    return tools.cards.flatMap((card) => {
      card.come_near();
      const instance = tools.instance_of(card.element.querySelector('.plot')!);
      if (!instance) return [];
      return instance.getOption().series.filter((s) => s.type === 'line' && s.name === 'backup').map((s) => `${s.lineStyle.color} ${s.symbol}`);
    });
  });
  expect(shown.length).toBeGreaterThan(5);
  expect(new Set(shown)).toEqual(new Set(['#E69F00 roundRect']));
});

test('all can be done with the keyboard', async ({ page }) => {
  await open(page, small);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the summary' })).toBeFocused();
  // The legend hides.
  await page.locator('#convergence').scrollIntoViewIfNeeded();
  const entry = page.locator('#convergence .legend button', { hasText: 'backup' });
  await entry.focus();
  await page.keyboard.press('Space');
  await expect(entry).toHaveAttribute('aria-pressed', 'false');
  const selected = () => page.evaluate(() => (window as unknown as { laggard: { instance_of: (e: Element) => { getOption: () => { legend: { selected: { [name: string]: boolean } }[] } } } }).laggard.instance_of(document.querySelector('#convergence .plot')!).getOption().legend[0].selected);
  expect((await selected()).backup).toBe(false);
  await page.keyboard.press('Space');
  expect((await selected()).backup).toBe(true);
  // The timeline moves and zooms.
  const canvas = page.locator('#timeline-card canvas');
  const seen = async () => JSON.parse((await canvas.getAttribute('data-window'))!) as { from: number; to: number; top: number; bottom: number };
  await canvas.focus();
  await expect(canvas).toHaveAttribute('data-window', /from/);
  const all = await seen();
  await page.keyboard.press('+');
  await expect.poll(async () => { const w = await seen(); return (w.to - w.from) / (all.to - all.from); }).toBeCloseTo(1 / 1.5, 3);
  const zoomed = await seen();
  await page.keyboard.press('ArrowRight');
  await expect.poll(async () => (await seen()).from).toBeGreaterThan(zoomed.from);
  await page.keyboard.press('[');
  await expect.poll(async () => { const w = await seen(); return w.bottom - w.top; }).toBeCloseTo(32, 3);
  await page.keyboard.press('0');
  await expect.poll(seen).toEqual(all);
});

test('what is not seen is told: names, tables, captions', async ({ page }) => {
  await open(page, small);
  const unnamed = await page.evaluate(() =>
    [...document.querySelectorAll('button, a, input, select')].filter((e) => {
      const label = e.getAttribute('aria-label') || e.textContent || (e as HTMLInputElement).labels?.[0]?.textContent;
      return !label || !label.trim();
    }).map((e) => e.outerHTML));
  expect(unnamed).toEqual([]);
  await page.locator('#figure4_speedup').scrollIntoViewIfNeeded();
  await expect(page.locator('#figure4_speedup .plot')).toHaveAttribute('aria-label', /speedup against the number of workers of sync/);
  await page.locator('#figure4_speedup summary').click();
  await expect(page.locator('#figure4_speedup .numbers tbody tr').first()).toContainText('sync');
});

test('the timeline of 256 workers and 100 rounds is drawn whole and fast', async ({ page }) => {
  await open(page, sample({ data: ['a9a'], workers: [256], stragglers: ['none'], protocols: ['sync'], seeds: 1, timelines: 1, timeline_rounds: 100 }));
  const note = page.locator('#timeline-card .note');
  await expect(note).toHaveText('256 workers, 25600 tasks, 100 updates of z, 267 starts, 5 lost, 6 handed over.');
  await page.locator('#timeline-card canvas').scrollIntoViewIfNeeded();
  const result = await page.evaluate(async () => {
    const timeline = (window as unknown as { laggard: { timeline: { drawn: number; draw: () => void; zoom: (f: number) => void; zoom_rows: (f: number) => void } } }).laggard.timeline;
    const canvas = document.createElement('canvas');
    canvas.width = 1200;
    canvas.height = 600;
    const context = canvas.getContext('2d')!;
    // What the machine needs at this moment for as many bare rectangles.
    const bare = () => {
      for (let i = 0; i < 25600; ++i) context.fillRect(i % 1200, i % 600, 3, 2);
    };
    const timed = (act: () => void) => {
      const start = performance.now();
      act();
      return performance.now() - start;
    };
    let [least, least_bare] = [Infinity, Infinity];
    for (let i = 0; i < 15; ++i) {
      least_bare = Math.min(least_bare, timed(bare));
      least = Math.min(least, timed(() => timeline.draw()));
    }
    const whole = timeline.drawn;
    for (let i = 0; i < 20; ++i) timeline.zoom(0.8);
    timeline.draw();
    return { least, least_bare, whole, zoomed: timeline.drawn };
  });
  expect(result.whole).toBeGreaterThan(25600 + 267); // computations and starts, and what else is wide enough
  expect(result.zoomed).toBeLessThan(0.1 * result.whole); // what is out of sight costs nothing
  expect(result.least).toBeLessThan(10 * result.least_bare + 10);
});

test('the wheel zooms where it is, a drag moves, a bar says what it is', async ({ page }) => {
  await open(page, small);
  const canvas = page.locator('#timeline-card canvas');
  await canvas.scrollIntoViewIfNeeded();
  const box = (await canvas.boundingBox())!;
  const seen = async () => JSON.parse((await canvas.getAttribute('data-window'))!) as { from: number; to: number };
  const all = await seen();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -400);
  await page.keyboard.up('Control');
  await expect.poll(async () => { const w = await seen(); return w.to - w.from; }).toBeLessThan(0.6 * (all.to - all.from));
  const zoomed = await seen();
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 200, box.y + box.height / 2);
  await page.mouse.up();
  await expect.poll(async () => (await seen()).from).toBeGreaterThan(zoomed.from);
  await page.mouse.dblclick(box.x + 300, box.y + 100);
  await expect.poll(seen).toEqual(all);
  await page.mouse.move(box.x + 60, box.y + 20);
  await expect(page.locator('.tip')).toContainText('worker');
});

test('what the data cannot fill says in a line what it would need', async ({ page }) => {
  const bare = sample({ data: ['heart'], workers: [4], stragglers: ['none'], protocols: ['sync'], seeds: 1, timelines: 0, paper: false });
  const run = bare.runs[0];
  run.series!.gap = run.series!.gap.map(() => null);
  run.series!.dollars = run.series!.dollars.map(() => null);
  run.phi_star = null;
  run.tasks = null;
  run.workers = null;
  const errors = await open(page, bare);
  await page.evaluate(() => (window as unknown as { laggard: { cards: { come_near: () => void }[] } }).laggard.cards.forEach((c) => c.come_near()));
  const needs = await page.locator('.card.missing .needs').allTextContents();
  expect(needs.length).toBeGreaterThan(12);
  for (const line of needs) expect(line).toMatch(/^Nothing to draw: this needs .+\.$/);
  expect((await drawn(page, 'convergence'))[0].data.length).toBeGreaterThan(10); // the residual
  await expect(page.locator('.gap')).toHaveCount(0);
  expect(errors).toEqual([]);
});

test('warnings stand at the top, unfinished runs are listed, and text of the data is text', async ({ page }) => {
  const odd: Document = JSON.parse(JSON.stringify(sample({ data: ['a9a'], workers: [4], stragglers: ['none'], seeds: 1, timelines: 0 })));
  odd.title = '<img src=x onerror=alert(1)>';
  odd.warnings = ['the versions differ: <b>0.1.0</b> and 0.2.0'];
  odd.runs[0].status = 'failed';
  odd.runs[0].options.protocol = 'sync';
  const errors = await open(page, odd);
  await expect(page.locator('h1')).toHaveText('<img src=x onerror=alert(1)>');
  await expect(page.locator('.warnings li').first()).toHaveText('the versions differ: <b>0.1.0</b> and 0.2.0');
  await expect(page.locator('.warnings')).toContainText('1 run did not finish');
  await expect(page.locator('.unfinished summary')).toContainText('1 run without numbers');
  await page.locator('.groups details summary').first().click();
  await expect(page.locator('.groups .command code').first()).toContainText('runner --protocol async');
  await expect(page.locator('.facts')).toContainText('sha256 abab');
  expect(errors).toEqual([]);
});

test('at 800 pixels nothing is wider than the page', async ({ page }) => {
  await page.setViewportSize({ width: 800, height: 900 });
  await open(page, small);
  await page.evaluate(() => (window as unknown as { laggard: { cards: { come_near: () => void }[] } }).laggard.cards.forEach((c) => c.come_near()));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(800);
});

test('a print has all charts, seen before or not', async ({ page }) => {
  await open(page, small);
  const pictures = () => page.locator('.card:not(.missing) .plot').evaluateAll((plots) => plots.filter((plot) => {
    const canvas = plot.querySelector('canvas');
    return canvas && canvas.width > 0 && canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
  }).length);
  expect(await pictures()).toBeLessThan(await page.locator('.card:not(.missing) .plot').count());
  await page.pdf();
  expect(await pictures()).toBe(await page.locator('.card:not(.missing) .plot').count());
});
