// What the protocols buy, and what they pay.
import { dollars, integer, percent, power, seconds, short } from '../format';
import { Group, Setting, has_gaps, natural_order, to_gap } from '../series';
import { median, median_interval } from '../statistics';
import { Chart, Drawing, Entry, Missing, Table, View } from './chart';
import { rest_control, setting_control, time_axis } from './measures';
import { axis_tooltip, base, entry_of, item_style, item_tooltip, line, reference_line, whiskers, x_axis, y_axis } from './style';
import { Option } from '../option';
import { Parts } from '../theme';

const needs_gap = 'runs with a known optimum: --target-gap, or --reference auto';

// What a drawing says of the time that it shows, and to which gap.
function to_the_gap(view: View, more = ''): { time: string; note: string } {
  const time = `${time_axis(view.basis)}, to a gap of ${power(view.gap)}`;
  return { time, note: `Time: ${time}.${more}` };
}

// ---- Stragglers ----

function but_for(setting: Setting, option: string): string {
  return Object.keys(setting.varying).filter((name) => name !== option).map((name) => name + '=' + setting.varying[name]).join(' \u00b7 ');
}

export const severity: Chart = {
  name: 'straggler_severity',
  title: 'Against stragglers',
  caption: 'Median time to the gap in ever worse company, with the interval of the median over seeds.',
  controls: (view) => {
    const seen: { [label: string]: boolean } = {};
    const options: { value: string; label: string }[] = [];
    for (const s of view.model.settings) {
      const rest = but_for(s, 'straggler');
      if (!seen[' ' + rest]) options.push({ value: rest, label: rest.replace('workers=', 'W=').replace('data=', '') || s.data });
      seen[' ' + rest] = true;
    }
    return [{ key: 'but', label: 'setting', told: true, options, initial: options.length ? options[options.length - 1].value : '' }];
  },
  draw: (view, choices) => {
    const groups = view.model.groups.filter((g) => but_for(g.setting, 'straggler') === choices.but);
    const kinds: string[] = [];
    for (const g of groups) if (kinds.indexOf(g.setting.straggler) < 0) kinds.push(g.setting.straggler);
    kinds.sort(natural_order);
    if (kinds.length < 2) return { needs: 'the same runs with two or more values of --straggler' };
    if (!has_gaps(view.model)) return { needs: needs_gap };
    const legend: Entry[] = [];
    const series: Option[] = [];
    const table: Table = { columns: ['configuration', 'straggler', 'median s', 'low s', 'high s', 'runs'], rows: [] };
    for (const contestant of view.model.contestants) {
      const entry = entry_of(contestant);
      const points: (number | null)[][] = [];
      const spread: number[][] = [];
      let any = false;
      kinds.forEach((kind, i) => {
        const group = groups.filter((g) => g.contestant === contestant && g.setting.straggler === kind)[0];
        const times = group ? to_gap(group, view.gap, view.basis) : [];
        const middle = median(times);
        points.push([i, isFinite(middle) ? middle : null]);
        if (!isFinite(middle)) return;
        any = true;
        const between = median_interval(times);
        if (times.length > 1 && isFinite(between.high)) spread.push([i, between.low, between.high]);
        table.rows.push([entry.name, kind, middle, between.low, isFinite(between.high) ? between.high : null, times.length]);
      });
      if (!any) continue;
      legend.push(entry);
      series.push(whiskers(entry, spread), line(entry, points, view.inks));
    }
    if (legend.length === 0) return { needs: `runs that reach a gap of ${power(view.gap)}` };
    const option = base(view, legend, axis_tooltip({ x: (i) => kinds[i], y: seconds, x_name: '' }, legend), {
      xAxis: x_axis({ name: '', kind: 'category', categories: kinds, more: { axisLabel: { interval: 0, color: view.inks.muted, fontSize: 11, lineHeight: 14, width: 120, overflow: 'break', formatter: (kind: string) => kind.replace(':', ' ') } } }, view),
      yAxis: y_axis({ name: 'seconds', kind: 'log' }, view), series,
    });
    return { option, table, legend, ...to_the_gap(view), summary: `time to the gap of ${legend.map((e) => e.name).join(', ')} with stragglers ${kinds.join(', ')}` };
  },
};

// ---- Cost and time ----

// Those that no other beats in both; from the fastest on.
export function front(points: number[][]): number[][] {
  const sorted = points.slice().sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const kept: number[][] = [];
  for (const p of sorted) if (kept.length === 0 || p[1] < kept[kept.length - 1][1]) kept.push(p);
  return kept;
}

export const cost_time: Chart = {
  name: 'cost_time_front',
  title: 'Cost and time',
  caption: 'Medians of seconds and dollars to the gap. The line joins those that no other beats in both.',
  controls: (view) => [rest_control(view)],
  draw: (view, choices) => {
    const groups = view.model.groups.filter((g) => g.setting.rest === choices.rest);
    const legend: Entry[] = [];
    const series: Option[] = [];
    const points: number[][] = [];
    const placed: (number | string)[][][] = [];
    const table: Table = { columns: ['configuration', 'W', 'seconds', 'dollars', 'on the front'], rows: [] };
    for (const contestant of view.model.contestants) {
      const entry = entry_of(contestant);
      const own: (number | string)[][] = [];
      for (const group of groups) {
        if (group.contestant !== contestant) continue;
        const time = median(to_gap(group, view.gap, view.basis));
        const cost = median(to_gap(group, view.gap, 'dollars'));
        if (!isFinite(time) || !isFinite(cost) || time <= 0 || cost <= 0) continue;
        own.push([time, cost, group.setting.workers]);
        points.push([time, cost]);
        table.rows.push([entry.name, group.setting.workers, time, cost, null]);
      }
      if (own.length === 0) continue;
      legend.push(entry);
      placed.push(own);
    }
    if (points.length === 0) return { needs: has_gaps(view.model) ? 'runs that reach the gap on a fleet whose cost is known' : needs_gap };
    const best = front(points);
    const is_best = (p: (number | string)[]) => best.some((b) => b[0] === p[0] && b[1] === p[1]);
    placed.forEach((own, i) => {
      const entry = legend[i];
      series.push({
        type: 'line', name: entry.name, data: own, symbol: entry.symbol, symbolSize: 11, showSymbol: true, animation: false, z: 4,
        itemStyle: item_style(entry, view.inks), lineStyle: { color: entry.colour, width: 1, opacity: 0.35, type: entry.dash },
        emphasis: { focus: 'series', lineStyle: { width: 1 } },
        label: {
          show: true, position: 'left', distance: 5, color: view.inks.text, fontSize: 11, fontWeight: 600,
          formatter: (p: { value: number[] }) => (is_best(p.value) ? String(p.value[2]) : ''),
        },
      });
    });
    for (const r of table.rows) r[4] = best.some((p) => p[0] === r[2] && p[1] === r[3]) ? 'yes' : 'no';
    series.push({ ...reference_line('front', best, view.inks), lineStyle: { color: view.inks.faint, width: 1.4, type: 'solid' } });
    const option = base(view, legend, item_tooltip((h) => {
      const v = h.value as number[];
      return [['W', integer(v[2])], ['time', seconds(v[0])], ['cost', dollars(v[1])]];
    }), {
      xAxis: x_axis({ name: 'seconds to the gap', kind: 'log' }, view), yAxis: y_axis({ name: 'dollars to the gap', kind: 'log' }, view), series,
    });
    return { option, table, legend, ...to_the_gap(view, ' Thin lines join the numbers of workers of a protocol; on the front they are written beside.'), summary: `cost against time of ${legend.map((e) => e.name).join(', ')}` };
  },
};

// ---- Performance profile ----

export interface Profile {
  group: string;
  ratios: number[]; // of each problem, to the best there; Infinity where it is not solved
}

// Dolan and More: in which share of the settings a contestant takes at most `ratio` times what the best takes there.
export function profile(view: View): { settings: Setting[]; ratios: { [contestant: string]: number[] } } {
  const ratios: { [contestant: string]: number[] } = {};
  const used: Setting[] = [];
  for (const c of view.model.contestants) ratios[c.key] = [];
  for (const setting of view.model.settings) {
    const own = view.model.groups.filter((g) => g.setting === setting);
    const times = view.model.contestants.map((c) => {
      const group = own.filter((g) => g.contestant === c)[0];
      const time = group ? median(to_gap(group, view.gap, view.basis)) : Infinity;
      return time > 0 ? time : Infinity;
    });
    const best = Math.min.apply(null, times);
    if (!isFinite(best)) continue;
    used.push(setting);
    view.model.contestants.forEach((c, i) => ratios[c.key].push(times[i] / best));
  }
  return { settings: used, ratios };
}

export const performance: Chart = {
  name: 'performance_profile',
  title: 'Performance profile',
  caption: 'In which share of the settings a protocol takes at most so many times what the best takes there (Dolan and Mor\u00e9).',
  draw: (view) => {
    if (!has_gaps(view.model)) return { needs: needs_gap };
    const found = profile(view);
    if (found.settings.length < 2) return { needs: 'two or more settings (data, W, stragglers) in which the gap is reached' };
    let most = 2;
    for (const c of view.model.contestants) for (const r of found.ratios[c.key]) if (isFinite(r)) most = Math.max(most, r);
    most *= 1.1;
    const legend: Entry[] = [];
    const series: Option[] = [];
    const table: Table = { columns: ['configuration', 'times the best', 'share of settings'], rows: [] };
    for (const contestant of view.model.contestants) {
      const entry = entry_of(contestant);
      const ratios = found.ratios[contestant.key].filter((r) => isFinite(r)).sort((a, b) => a - b);
      const n = found.settings.length;
      const points: number[][] = [[1, ratios.filter((r) => r <= 1).length / n]];
      ratios.forEach((r, i) => {
        if (r > 1) points.push([r, (i + 1) / n]);
      });
      for (const p of points) table.rows.push([entry.name, p[0], p[1]]);
      points.push([most, ratios.length / n]);
      legend.push(entry);
      series.push(line(entry, points, view.inks, { step: 'end' }));
    }
    const option = base(view, legend, axis_tooltip({ x: (v) => short(v) + ' \u00d7', y: percent, x_name: 'at most' }, legend), {
      xAxis: x_axis({ name: 'times the best', kind: 'log', min: 1, max: most, format: (v) => short(v) + ' \u00d7', more: { logBase: 2 } }, view),
      yAxis: y_axis({ name: `share of ${found.settings.length} settings`, kind: 'value', min: 0, max: 1, format: percent }, view), series,
    });
    return { option, table, legend, ...to_the_gap(view), summary: `performance profile over ${found.settings.length} settings` };
  },
};

// ---- Sensitivity ----

function numeric(value: unknown, workers: number): number {
  const text = String(value);
  if (text === 'W') return workers;
  const share = /^W\/(\d+)$/.exec(text);
  return share ? workers / Number(share[1]) : Number(text);
}

interface Tuned {
  protocol: string;
  option: string;
}

// Options that a protocol was run with two or more numbers of.
export function tuned(view: View): Tuned[] {
  const found: Tuned[] = [];
  for (const protocol of view.model.protocols) {
    const own = view.model.contestants.filter((c) => c.protocol === protocol);
    const options: string[] = [];
    for (const c of own) for (const name of Object.keys(c.varying)) if (options.indexOf(name) < 0) options.push(name);
    for (const option of options) {
      const values: number[] = [];
      for (const g of view.model.groups) {
        if (g.contestant.protocol !== protocol) continue;
        const v = numeric(g.contestant.varying[option], g.setting.workers);
        if (isFinite(v) && values.indexOf(v) < 0) values.push(v);
      }
      if (values.length > 1) found.push({ protocol, option });
    }
  }
  return found;
}

export const sensitivity: Chart = {
  name: 'sensitivity',
  title: 'Sensitivity',
  caption: 'Median time to the gap against an option of a protocol: tau, k, s and whatever else was varied. A line for each W.',
  controls: (view) => {
    const options = tuned(view).map((t) => ({ value: t.protocol + ' ' + t.option, label: t.protocol + ', ' + t.option }));
    return [rest_control(view), { key: 'option', label: 'option', told: true, options, initial: options.length ? options[0].value : '' }];
  },
  draw: (view, choices) => {
    const all = tuned(view);
    const one = all.filter((t) => t.protocol + ' ' + t.option === choices.option)[0];
    if (!one) return { needs: 'runs of one protocol with two or more values of an option: --tau, --k, --redundancy' };
    if (!has_gaps(view.model)) return { needs: needs_gap };
    const legend: Entry[] = [];
    const series: Option[] = [];
    const table: Table = { columns: ['W', one.option, 'median s', 'low s', 'high s', 'runs'], rows: [] };
    const settings = view.model.settings.filter(
      (s) => s.rest === choices.rest && view.model.groups.some((g) => g.setting === s && g.contestant.protocol === one.protocol),
    );
    const dashes: (string | number[])[] = ['solid', [7, 4], [2, 3], [9, 3, 2, 3]];
    let positive = true;
    let least = Infinity;
    let most = 0;
    settings.forEach((setting, i) => {
      const own = view.model.groups.filter((g) => g.setting === setting && g.contestant.protocol === one.protocol);
      const look = own[0].contestant.look;
      // Of other options that were varied too, the best choice counts.
      const at: { [x: string]: { x: number; times: number[] } } = {};
      for (const g of own) {
        const x = numeric(g.contestant.varying[one.option], setting.workers);
        const times = to_gap(g, view.gap, view.basis);
        if (!isFinite(x) || !isFinite(median(times))) continue;
        const before = at[String(x)];
        if (!before || median(times) < median(before.times)) at[String(x)] = { x, times };
      }
      const places = Object.keys(at).map((k) => at[k]).sort((a, b) => a.x - b.x);
      if (places.length < 2) return;
      const name = 'W=' + setting.workers;
      const entry: Entry = { name, colour: look.colour, symbol: look.symbol, dash: dashes[i % dashes.length], hollow: i % 2 === 1 };
      legend.push(entry);
      const spread: number[][] = [];
      for (const p of places) {
        const between = median_interval(p.times);
        if (p.x <= 0) positive = false;
        least = Math.min(least, p.x);
        most = Math.max(most, p.x);
        if (p.times.length > 1 && isFinite(between.high)) spread.push([p.x, between.low, between.high]);
        table.rows.push([setting.workers, p.x, median(p.times), between.low, isFinite(between.high) ? between.high : null, p.times.length]);
      }
      series.push(whiskers(entry, spread), line(entry, places.map((p) => [p.x, median(p.times)]), view.inks, {
        endLabel: { show: settings.length > 1 && settings.length <= 6, formatter: name, color: view.inks.muted, fontSize: 10 },
      }));
    });
    if (legend.length === 0) return { needs: `two or more values of --${one.option} that reach a gap of ${power(view.gap)}` };
    const option = base(view, legend, axis_tooltip({ x: short, y: seconds, x_name: one.option + ' =' }, legend), {
      xAxis: x_axis({ name: one.option, kind: positive ? 'log' : 'value', format: integer, more: positive ? { logBase: most / least > 1000 ? 10 : 2 } : {} }, view),
      yAxis: y_axis({ name: 'seconds', kind: 'log' }, view), series,
      grid: { left: 56, right: legend.length > 1 && legend.length <= 6 ? 60 : 22, top: 30, bottom: 44 },
    });
    return { option, table, legend, ...to_the_gap(view), summary: `time to the gap of ${one.protocol} against ${one.option}` };
  },
};

// ---- Staleness and age ----

function shares(groups: Group[], of: 'staleness' | 'age'): number[] {
  const counts: number[] = [];
  for (const g of groups) {
    for (const run of g.runs) {
      const own = run.tasks ? run.tasks[of] : null;
      (own || []).forEach((n, i) => {
        while (counts.length <= i) counts.push(0);
        counts[i] += n;
      });
    }
  }
  const total = counts.reduce((sum, n) => sum + n, 0);
  return total > 0 ? counts.map((n) => n / total) : [];
}

function late_chart(of: 'staleness' | 'age', title: string, caption: string): Chart {
  return {
    name: of, title, caption,
    controls: (view) => [setting_control(view)],
    draw: (view, choices) => {
      const legend: Entry[] = [];
      const series: Option[] = [];
      const table: Table = { columns: ['configuration', of, 'share'], rows: [] };
      for (const contestant of view.model.contestants) {
        const own = shares(view.model.groups.filter((g) => g.setting.key === choices.setting && g.contestant === contestant), of);
        if (own.length === 0) continue;
        const entry = entry_of(contestant);
        legend.push(entry);
        own.forEach((s, i) => table.rows.push([entry.name, i, s]));
        series.push(line(entry, own.map((s, i) => [i, s > 0 ? s : null]), view.inks, { step: 'middle', connectNulls: true }));
      }
      if (legend.length === 0) return { needs: `runs that record the ${of} of what was used (workers.csv.gz)` };
      const option = base(view, legend, axis_tooltip({ x: integer, y: percent, x_name: of }, legend), {
        xAxis: x_axis({ name: of === 'staleness' ? 'rounds since the z that a task began from' : 'rounds since a shard last counted', kind: 'value', format: integer, more: { minInterval: 1, min: 0 } }, view),
        yAxis: y_axis({ name: 'share', kind: 'log', format: (v) => percent(v), max: 1 }, view), series,
      });
      return { option, table, legend, summary: `distribution of ${of} of ${legend.map((e) => e.name).join(', ')}` };
    },
  };
}

export const staleness = late_chart('staleness', 'Staleness', 'How old the iterate was that a report began from. Share of the reports, on a logarithmic axis.');
export const age = late_chart('age', 'Age', "How long each shard's last contribution had been in use, at every update.");

// ---- Where work and time went ----

function is_light(colour: string): boolean {
  const part = (at: number) => parseInt(colour.slice(at, at + 2), 16);
  return 0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5) > 140;
}

// Horizontal bars of shares, a bar a group of a setting.
function stacked(view: View, groups: Group[], parts: { name: string; colour: string }[], share: (group: Group) => number[] | null, unit: string, missing: string): Drawing | Missing {
  const labels: string[] = [];
  const rows: number[][] = [];
  for (const g of groups) {
    const own = share(g);
    if (!own) continue;
    labels.push(g.contestant.label);
    rows.push(own);
  }
  if (rows.length === 0) return { needs: missing };
  const used = parts.map((_p, i) => rows.some((r) => r[i] > 0));
  const legend: Entry[] = [];
  const series: Option[] = [];
  const table: Table = { columns: ['configuration'].concat(parts.map((p) => p.name)), rows: rows.map((r, i) => ([labels[i]] as (string | number)[]).concat(r)) };
  parts.forEach((part, i) => {
    if (!used[i]) return;
    legend.push({ name: part.name, colour: part.colour, symbol: 'rect' });
    series.push({
      type: 'bar', name: part.name, stack: 'all', data: rows.map((r) => r[i]), barMaxWidth: 20, animation: false,
      itemStyle: { color: part.colour, borderColor: view.inks.surface, borderWidth: 1 },
      label: { show: true, position: 'inside', fontSize: 10, color: is_light(part.colour) ? '#1d2129' : '#ffffff', formatter: (p: { value: number }) => (p.value >= 0.08 ? percent(p.value) : '') },
    });
  });
  const longest = labels.reduce((n, l) => Math.max(n, l.length), 0);
  const option = base(view, legend, axis_tooltip({ x: (i) => labels[i], y: percent, x_name: '' }, legend), {
    grid: { left: Math.min(230, 20 + longest * 6.6), right: 28, top: 10, bottom: 44 },
    xAxis: { ...x_axis({ name: unit, kind: 'value', min: 0, max: 1, format: percent }, view) },
    yAxis: { ...y_axis({ name: '', kind: 'category', categories: labels }, view), inverse: true, axisLabel: { color: view.inks.text, fontSize: 11, width: 210, overflow: 'truncate' } },
    series,
  });
  return { option, table, legend, height: Math.max(200, 70 + 30 * labels.length), summary: `${unit} of ${labels.join(', ')}` };
}

function sum_of(groups: Group[], of: (run: Group['runs'][0]) => { [name: string]: number | null } | null | undefined): { [name: string]: number } {
  const sums: { [name: string]: number } = {};
  for (const g of groups) {
    for (const run of g.runs) {
      const own = of(run);
      if (!own) continue;
      for (const name of Object.keys(own)) sums[name] = (sums[name] || 0) + (own[name] || 0);
    }
  }
  return sums;
}

function outcome_colour(outcome: string, at: number, parts: Parts): string {
  const known: { [outcome: string]: string } = {
    accepted: parts.compute, discarded: parts.pause, revoked: parts.idle, failed: parts.delay, unfinished: parts.queueing,
  };
  return known[outcome] || [parts.communication, parts.delay, parts.idle][at % 3];
}

export const wasted: Chart = {
  name: 'wasted_work',
  title: 'Wasted work',
  caption: 'What became of the tasks. All but what was accepted was computed, or begun, for nothing.',
  controls: (view) => [setting_control(view)],
  draw: (view, choices) => {
    const groups = view.model.groups.filter((g) => g.setting.key === choices.setting);
    const all = Object.keys(sum_of(groups, (run) => run.tasks && run.tasks.outcomes));
    all.sort((a, b) => (a === 'accepted' ? -1 : b === 'accepted' ? 1 : a < b ? -1 : a > b ? 1 : 0));
    const parts = all.map((name, i) => ({ name, colour: outcome_colour(name, i, view.inks.parts) }));
    return stacked(view, groups, parts, (g) => {
      const sums = sum_of([g], (run) => run.tasks && run.tasks.outcomes);
      const total = all.reduce((n, name) => n + (sums[name] || 0), 0);
      return total > 0 ? all.map((name) => (sums[name] || 0) / total) : null;
    }, 'share of tasks', 'runs that record what became of their tasks (workers.csv.gz)');
  },
};

// Idle time is communication and queueing together, so it is no part of its own.
type Spent = 'startup' | 'compute' | 'pause' | 'communication' | 'queueing';
const solving: Spent[] = ['compute', 'pause', 'communication', 'queueing'];

export const time_spent: Chart = {
  name: 'time_spent',
  title: 'Where the time went',
  caption: 'Worker-seconds: start-up, until every shard has a worker at work; from then on computing, paused as stragglers are, messages under way, and waiting for the next z.',
  controls: (view) => [setting_control(view)],
  draw: (view, choices) => {
    const spent_on = view.basis === 'virtual_s' ? (['startup'] as Spent[]).concat(solving) : solving;
    const parts = spent_on.map((name) => ({ name: name === 'startup' ? 'start-up' : name, colour: view.inks.parts[name] }));
    return stacked(view, view.model.groups.filter((g) => g.setting.key === choices.setting), parts, (g) => {
      const sums = sum_of([g], (run) => run.tasks && run.tasks.seconds);
      const total = spent_on.reduce((n, p) => n + (sums[p] || 0), 0);
      return total > 0 ? spent_on.map((p) => (sums[p] || 0) / total) : null;
    }, `share of worker-seconds${view.basis === 'virtual_s' ? '' : ', without start-up'}`, 'runs that record the times of tasks (workers.csv.gz)');
  },
};
