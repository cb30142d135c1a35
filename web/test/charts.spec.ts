// What the charts draw, against numbers that are worked out here in another way.
import { expect, test } from '@playwright/test';
import { Run } from '../src/data';
import { choose, drawn, line, open, text_of } from './open';
import { sample } from './sample';

const bimodal = 'bimodal:p=0.2,factor=10';
// As the page reads it: with six digits.
const whole = JSON.parse(text_of(sample({ data: ['a9a', 'heart'], workers: [4, 64, 256], stragglers: ['none', bimodal], timelines: 0 }))) as ReturnType<typeof sample>;

function runs(where: { [option: string]: unknown }, of = whole.runs): Run[] {
  const found = of.filter((run) => Object.entries(where).every(([option, value]) => (option === 'data' ? String(run.options.data).includes(String(value)) : run.options[option] === value)));
  expect(found.length).toBeGreaterThan(0);
  return found;
}

function middle(values: number[]): number {
  const s = [...values].sort((a, b) => a - b);
  return s.length % 2 ? s[(s.length - 1) / 2] : (s[s.length / 2 - 1] + s[s.length / 2]) / 2;
}

function to_gap(run: Run, gap: number, column: 'virtual_s' | 'dollars'): number {
  for (const [i, g] of run.series!.gap.entries()) if (g! <= gap) return run.series![column][i]!;
  return Infinity;
}

const near = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));

test('convergence: the median over seeds of the last gap by then, and the quartiles', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'convergence', 'setting', 'a9a \u00b7 W=64 \u00b7 none');
  await choose(page, 'convergence', 'x', 'rounds');
  const median = await line(page, 'convergence', 'sync');
  const own = runs({ protocol: 'sync', workers: 64, straggler: 'none', data: 'a9a' });
  expect(own.length).toBe(3);
  for (const [x, y] of median) {
    const last = own.map((run) => [...run.series!.round.keys()].filter((i) => run.series!.round[i] <= x).map((i) => run.series!.gap[i]!).pop() ?? Infinity);
    near(y, middle(last));
  }
  const band = (await drawn(page, 'convergence')).find((s) => s.name === 'sync' && s.type === 'custom')!.data as number[][];
  const [x, low, high] = band[10];
  const there = own.map((run) => run.series!.gap[run.series!.round.indexOf(x)]!).sort((a, b) => a - b);
  near(low, (there[0] + there[1]) / 2); // quartiles of three are half way
  near(high, (there[1] + there[2]) / 2);
  for (const [name, column] of [['time', 'virtual_s'], ['time without start-up', 'solving_s'], ['wall time', 'wall_s'], ['bytes', 'bytes'], ['worker-seconds', 'worker_s'], ['dollars', 'dollars']] as const) {
    await choose(page, 'convergence', 'x', name);
    const points = await line(page, 'convergence', 'sync');
    near(points[points.length - 1][0], Math.max(...own.map((run) => run.series![column].slice(-1)[0]!)));
  }
  await choose(page, 'convergence', 'y', 'primal residual');
  await choose(page, 'convergence', 'spread', 'every run');
  await choose(page, 'convergence', 'x_scale', 'log');
  const every = (await drawn(page, 'convergence')).filter((s) => s.name === 'sync');
  expect(every.length).toBe(3);
  near((every[0].data as number[][])[0][1], own[0].series!.primal[0]!);
});

test('residuals of figure 3 are those of the first run of each W', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'figure3_residuals', 'rest', 'a9a \u00b7 none');
  const series = (await drawn(page, 'figure3_residuals')).filter((s) => s.name === 'W = 64');
  const run = runs({ protocol: 'sync', workers: 64, straggler: 'none', data: 'a9a' })[0];
  expect((series[0].data as number[][]).map((p) => p[1])).toEqual(run.series!.primal);
  expect((series[1].data as number[][]).map((p) => p[1])).toEqual(run.series!.dual);
});

test('speed-up and efficiency of figure 4, beside the numbers of the paper', async ({ page }) => {
  await open(page, whole);
  for (const chart of ['figure4_speedup', 'figure4_efficiency']) await choose(page, chart, 'rest', 'a9a \u00b7 bimodal');
  const time = (workers: number) => middle(runs({ protocol: 'coded', workers, straggler: bimodal, data: 'a9a' }).map((r) => to_gap(r, 1e-6, 'virtual_s')));
  const speedup = await line(page, 'figure4_speedup', 'coded');
  const efficiency = await line(page, 'figure4_efficiency', 'coded');
  expect(speedup.map((p) => p[0])).toEqual([4, 64, 256]);
  speedup.forEach((p) => near(p[1], time(4) / time(p[0])));
  efficiency.forEach((p) => near(p[1], ((time(4) / time(p[0])) * 4) / p[0]));
  const stars = (chart: Awaited<ReturnType<typeof drawn>>) => chart.find((s) => s.name === 'Aytekin and Johansson')!.data;
  expect(stars(await drawn(page, 'figure4_speedup'))).toEqual([[256, 17]]);
  expect(stars(await drawn(page, 'figure4_efficiency'))).toEqual([[64, 0.74], [256, 0.26]]);
});

test('idle and compute of figure 5: means over workers, with their deviation', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'figure5_idle_compute', 'rest', 'a9a \u00b7 none');
  const values = runs({ protocol: 'sync', workers: 64, straggler: 'none', data: 'a9a' }).flatMap((r) => r.workers!.compute as number[]);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.map((v) => (v - mean) ** 2).reduce((a, b) => a + b) / (values.length - 1));
  near((await line(page, 'figure5_idle_compute', 'compute'))[1][1], mean);
  const spread = (await drawn(page, 'figure5_idle_compute')).find((s) => s.name === 'compute' && s.type === 'custom')!.data as number[][];
  near(spread[1][2], mean + deviation);
});

test('histograms of figures 6 and 7 hold every task once', async ({ page }) => {
  await open(page, whole);
  for (const [chart, workers] of [['figure6_histograms', 64], ['figure7_histograms', 256]] as const) {
    await choose(page, chart, 'rest', 'a9a \u00b7 none');
    const all = await drawn(page, chart);
    expect(all.map((s) => s.name)).toEqual(['compute', 'idle', 'delay', 'communication']);
    for (const s of all) expect((s.data as number[][]).reduce((sum, r) => sum + r[2], 0)).toBeCloseTo(1, 9);
    // The share below an edge that bins of all runs have in common with no other way of counting: the greatest of all.
    const edges = runs({ protocol: 'sync', workers, straggler: 'none', data: 'a9a' }).map((r) => r.tasks!.compute!.edges);
    expect(Math.max(...(all[0].data as number[][]).map((r) => r[1]))).toBe(Math.max(...edges.map((e) => e[e.length - 1])));
  }
});

test('bins of one grid are added up as they are', async ({ page }) => {
  const document = sample({ data: ['a9a'], workers: [64], stragglers: ['none'], protocols: ['sync'], seeds: 2, timelines: 0 });
  document.runs[0].tasks!.compute = { edges: [0.001, 0.00112, 0.00126, 0.00141], counts: [4, 2, 1] };
  document.runs[1].tasks!.compute = { edges: [0.00112, 0.00126, 0.00141, 0.00158], counts: [1, 1, 1] };
  await open(page, document);
  const compute = (await drawn(page, 'figure6_histograms'))[0].data as number[][];
  expect(compute.map((r) => Math.round(r[2] * 10))).toEqual([4, 3, 2, 1]);
});

test('cold starts of figure 8: least, quartiles and most', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'figure8_cold_start', 'rest', 'a9a \u00b7 none');
  const values = runs({ protocol: 'sync', workers: 64, straggler: 'none', data: 'a9a' }).flatMap((r) => r.workers!.cold_start as number[]).sort((a, b) => a - b);
  const box = ((await drawn(page, 'figure8_cold_start'))[0].data as number[][])[1];
  near(box[1], values[0]);
  near(box[3], middle(values));
  near(box[5], values[values.length - 1]);
});

test('responsiveness of figure 9: workers from the slowest to the fastest', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'figure9_responsiveness', 'rest', 'a9a \u00b7 none');
  const values = (runs({ protocol: 'sync', workers: 64, straggler: 'none', data: 'a9a' })[0].workers!.responsiveness as number[]).sort((a, b) => b - a);
  expect((await line(page, 'figure9_responsiveness', 'W = 64')).map((p) => p[1])).toEqual(values);
});

test('against stragglers: the median time of each', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'straggler_severity', 'but', 'heart \u00b7 W=256');
  const points = await line(page, 'straggler_severity', 'backup');
  [`none`, bimodal].forEach((straggler, i) => near(points[i][1], middle(runs({ protocol: 'backup', workers: 256, straggler, data: 'heart' }).map((r) => to_gap(r, 1e-6, 'virtual_s')))));
});

test('cost and time: nothing is below and left of the front', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'cost_time_front', 'rest', 'a9a \u00b7 none');
  const series = await drawn(page, 'cost_time_front');
  const own = runs({ protocol: 'sync', workers: 64, straggler: 'none', data: 'a9a' });
  const sync = (series.find((s) => s.name === 'sync')!.data as number[][]).find((p) => p[2] === 64)!;
  near(sync[0], middle(own.map((r) => to_gap(r, 1e-6, 'virtual_s'))));
  near(sync[1], middle(own.map((r) => to_gap(r, 1e-6, 'dollars'))));
  const front = series.find((s) => s.name === 'front')!.data as number[][];
  const all = series.filter((s) => s.name !== 'front').flatMap((s) => s.data as number[][]);
  for (const p of all) {
    const beaten = all.some((q) => q[0] <= p[0] && q[1] <= p[1] && (q[0] < p[0] || q[1] < p[1]));
    expect(front.some((f) => f[0] === p[0] && f[1] === p[1])).toBe(!beaten);
  }
});

test('the performance profile starts at the share of wins and ends at what is solved', async ({ page }) => {
  await open(page, whole);
  const settings: { [name: string]: { [contestant: string]: Run[] } } = {};
  for (const run of whole.runs) {
    const own = (settings[`${run.options.data} ${run.options.workers} ${run.options.straggler}`] ??= {});
    (own[[run.options.protocol, run.options.tau, run.options.k].join()] ??= []).push(run);
  }
  const names = Object.keys(settings);
  const times = names.map((n) => Object.fromEntries(Object.entries(settings[n]).map(([c, r]) => [c, middle(r.map((x) => to_gap(x, 1e-6, 'virtual_s')))])));
  const wins = times.filter((t) => t['backup,,'] === Math.min(...Object.values(t))).length;
  const points = await line(page, 'performance_profile', 'backup');
  near(points[0][1], wins / names.length);
  near(points[points.length - 1][1], 1);
  const within = times.filter((t) => t['backup,,'] <= points[2][0] * (1 + 1e-12) * Math.min(...Object.values(t))).length;
  near(points[2][1], within / names.length);
});

test('sensitivity: a line for each W over the values of tau', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'sensitivity', 'rest', 'a9a \u00b7 none');
  await choose(page, 'sensitivity', 'option', 'async, tau');
  const points = await line(page, 'sensitivity', 'W=64');
  expect(points.map((p) => p[0])).toEqual([2, 8, 32]);
  points.forEach((p) => near(p[1], middle(runs({ protocol: 'async', tau: p[0], workers: 64, straggler: 'none', data: 'a9a' }).map((r) => to_gap(r, 1e-6, 'virtual_s')))));
  await choose(page, 'sensitivity', 'option', 'partial_barrier, k');
  expect((await line(page, 'sensitivity', 'W=64')).map((p) => p[0])).toEqual([1, 2]);
});

test('staleness and age are shares of what was counted', async ({ page }) => {
  await open(page, whole);
  for (const chart of ['staleness', 'age'] as const) {
    await choose(page, chart, 'setting', 'a9a \u00b7 W=64 \u00b7 none');
    const counts = runs({ protocol: 'async', tau: 8, workers: 64, straggler: 'none', data: 'a9a' })[0].tasks![chart]!; // alike for all seeds
    const total = counts.reduce((a, b) => a + b);
    (await line(page, chart, 'async tau=8')).forEach((p) => near(p[1], counts[p[0]] / total));
  }
});

test('wasted work and where the time went add up to one', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'wasted_work', 'setting', 'a9a \u00b7 W=64 \u00b7 none');
  const outcomes = await drawn(page, 'wasted_work');
  const own = runs({ protocol: 'coded', workers: 64, straggler: 'none', data: 'a9a' });
  const sum = (name: string) => own.reduce((s, r) => s + r.tasks!.outcomes![name], 0);
  near((outcomes.find((s) => s.name === 'discarded')!.data as number[])[6], sum('discarded') / (sum('discarded') + sum('accepted')));
  await choose(page, 'time_spent', 'setting', `a9a \u00b7 W=64 \u00b7 none`);
  const parts = await drawn(page, 'time_spent');
  for (let i = 0; i < 8; ++i) expect(parts.reduce((s, p) => s + (p.data as number[])[i], 0)).toBeCloseTo(1, 9);
});

test('start-up is a part of its own of where the time went, and none where it is not told in', async ({ page }) => {
  await open(page, whole);
  await choose(page, 'time_spent', 'setting', `a9a \u00b7 W=64 \u00b7 none`);
  const own = runs({ protocol: 'coded', workers: 64, straggler: 'none', data: 'a9a' });
  const sum = (name: 'startup' | 'compute' | 'pause' | 'communication' | 'queueing') => own.reduce((s, r) => s + (r.tasks!.seconds![name] as number), 0);
  const solving = sum('compute') + sum('pause') + sum('communication') + sum('queueing');
  const share = async (name: string) => ((await drawn(page, 'time_spent')).find((s) => s.name === name)!.data as number[])[6];
  near(await share('start-up'), sum('startup') / (sum('startup') + solving));
  near(await share('compute'), sum('compute') / (sum('startup') + solving));
  await page.getByRole('radio', { name: 'without' }).check();
  near(await share('compute'), sum('compute') / solving);
  expect((await drawn(page, 'time_spent')).map((s) => s.name)).not.toContain('start-up');
});

test('a share of W is one contestant at every W', async ({ page }) => {
  const document = sample({ data: ['a9a'], workers: [4, 64], stragglers: ['none'], protocols: ['async'], seeds: 1, timelines: 0 });
  const extra = sample({ data: ['a9a'], workers: [4, 64], stragglers: ['none'], protocols: ['async'], seeds: 1, timelines: 0 }).runs;
  for (const run of extra) {
    run.id = 'f' + run.id.slice(1);
    run.options['min-arrivals'] = Number(run.options.workers) / 4;
  }
  document.runs.push(...extra);
  await open(page, document);
  await expect(page.locator('table.summary tbody tr')).toHaveCount(12);
  await expect(page.locator('table.summary')).toContainText('async tau=2 min-arrivals=W/4');
});
