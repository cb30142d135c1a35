// The figures of Aytekin and Johansson (arXiv:1901.03161), from our runs, beside the numbers that they state.
import { Histogram, PaperNumber, Run, Series, TaskTime } from '../data';
import { integer, percent, power, seconds, short } from '../format';
import { Contestant, Group, finite, has_gaps, known, spent, spent_to_gap, to_gap } from '../series';
import { deviation, mean, median, median_interval, quantile } from '../statistics';
import { Chart, Choices, Control, Drawing, Entry, Missing, Table, View } from './chart';
import { distinct, rest_control, time_axis } from './measures';
import {
  axis_tooltip, base, bins, entry_of, item_tooltip, line, ordered_colour, ordered_symbol, paper_entry, paper_name, paper_points,
  reference_line, whiskers, workers_axis, x_axis, y_axis,
} from './style';
import { Option } from '../option';

export function paper_numbers(view: View, quantity: string): PaperNumber[] {
  const paper = view.model.document.paper;
  const numbers = paper && paper.numbers instanceof Array ? paper.numbers : [];
  return numbers.filter((n) => n.quantity === quantity && n.workers !== null && typeof n.value === 'number');
}

function contestant_control(view: View, rest?: string): Control {
  const usable = view.model.contestants.filter(
    (c) => rest === undefined || view.model.groups.some((g) => g.contestant === c && g.setting.rest === rest),
  );
  return { key: 'contestant', label: 'protocol', told: true, options: usable.map((c) => ({ value: c.key, label: c.label })), initial: usable.length ? usable[0].key : '' };
}

function chosen(view: View, choices: Choices): Group[] {
  return view.model.groups
    .filter((g) => g.setting.rest === choices.rest && g.contestant.key === choices.contestant)
    .sort((a, b) => a.setting.workers - b.setting.workers);
}

// ---- Figure 3 ----

export const residuals: Chart = {
  name: 'figure3_residuals',
  title: 'Residuals',
  caption: 'Figure 3: primal (solid) and dual (dashed) residuals of one run for each W.',
  controls: (view) => [rest_control(view), contestant_control(view)],
  draw: (view, choices) => {
    const groups = chosen(view, choices);
    const legend: Entry[] = [];
    const series: Option[] = [];
    const table: Table = { columns: ['W', 'round', 'primal residual', 'dual residual'], rows: [] };
    groups.forEach((group, i) => {
      const own = group.runs[0].series as Series;
      const positive = (column: (number | null)[]) =>
        own.round.map((r, k) => [r, column[k]] as (number | null)[]).filter((p) => p[1] !== null && (p[1] as number) > 0);
      const primal = positive(own.primal);
      const dual = positive(own.dual);
      if (primal.length + dual.length === 0) return;
      const entry: Entry = { name: 'W = ' + group.setting.workers, colour: ordered_colour(i, groups.length, view.inks), symbol: ordered_symbol(i) };
      legend.push(entry);
      series.push(line(entry, primal, view.inks));
      series.push(line({ ...entry, dash: [4, 3], hollow: true }, dual, view.inks, { lineStyle: { color: entry.colour, width: 1.5, type: [4, 3] } }));
      own.round.forEach((r, k) => table.rows.push([group.setting.workers, r, own.primal[k], own.dual[k]]));
    });
    if (legend.length === 0) return { needs: 'runs that record primal and dual residuals' };
    const option = base(view, legend, item_tooltip((h) => {
      const at = h.value as number[];
      return [['round', integer(at[0])], ['residual', power(at[1])]];
    }), {
      xAxis: x_axis({ name: 'rounds', kind: 'value', format: integer, more: { min: 0 } }, view),
      yAxis: y_axis({ name: 'residual', kind: 'log' }, view), series,
    });
    return { option, table, legend, summary: `primal and dual residuals against rounds at ${legend.map((e) => e.name).join(', ')}` };
  },
};

// ---- Figure 4 ----

export interface Scaling {
  contestant: Contestant;
  workers: number[];
  times: number[][]; // of each W, over seeds
}

// The times of each contestant against W, in one setting but for W: to the gap where gaps are known and asked for.
export function scalings(view: View, rest: string, until: string): Scaling[] {
  return view.model.contestants
    .map((contestant) => {
      const groups = view.model.groups
        .filter((g) => g.contestant === contestant && g.setting.rest === rest)
        .sort((a, b) => a.setting.workers - b.setting.workers);
      const scaling: Scaling = { contestant, workers: [], times: [] };
      for (const group of groups) {
        const times = known(group.runs.map((run) => (until === 'gap' ? spent_to_gap(run, view.gap, view.basis) : spent(run, view.basis))));
        if (times.length === 0 || !isFinite(median(times))) continue;
        scaling.workers.push(group.setting.workers);
        scaling.times.push(times);
      }
      return scaling;
    })
    .filter((s) => s.workers.length > 0);
}

// What speed-up is measured against: the fewest workers at which anyone has been run, W0 = 4 where there is that.
export function base_workers(all: Scaling[]): number {
  let workers: number[] = [];
  for (const s of all) workers = workers.concat(s.workers);
  return workers.indexOf(4) >= 0 ? 4 : Math.min.apply(null, workers);
}

// Runs that a rule ended before the gap, as the paper's were, are compared by when they ended.
function until_control(view: View): Control {
  const options = [{ value: 'end', label: 'to the end' }];
  if (has_gaps(view.model)) options.unshift({ value: 'gap', label: 'to the gap' });
  const all_reach = view.model.groups.every((g) => isFinite(median(to_gap(g, view.gap, view.basis))));
  return { key: 'until', label: 'time', told: true, options, initial: all_reach ? options[0].value : 'end' };
}

function scaling_chart(name: string, quantity: 'speedup' | 'efficiency', title: string, caption: string): Chart {
  return {
    name, title, caption,
    controls: (view) => [rest_control(view), until_control(view)],
    draw: (view, choices) => {
      const all = scalings(view, choices.rest, choices.until);
      const several = all.filter((s) => s.workers.length > 1);
      if (several.length === 0) return { needs: 'runs of a protocol with two or more values of --workers that reach the gap' };
      const w0 = base_workers(several);
      const usable = several.filter((s) => s.workers.indexOf(w0) >= 0);
      const legend: Entry[] = [];
      const series: Option[] = [];
      const table: Table = { columns: ['configuration', 'W', quantity, 'lowest', 'highest', 'runs'], rows: [] };
      let most = w0;
      for (const scaling of usable) {
        const entry = entry_of(scaling.contestant);
        const reference = median(scaling.times[scaling.workers.indexOf(w0)]);
        const scale = (w: number, t: number) => (reference / t) * (quantity === 'efficiency' ? w0 / w : 1);
        const points: number[][] = [];
        const spread: number[][] = [];
        scaling.workers.forEach((w, i) => {
          most = Math.max(most, w);
          const between = median_interval(scaling.times[i]);
          const value = scale(w, median(scaling.times[i]));
          points.push([w, value]);
          const low = isFinite(between.high) ? scale(w, between.high) : value;
          if (scaling.times[i].length > 1) spread.push([w, low, scale(w, between.low)]);
          table.rows.push([entry.name, w, value, low, scale(w, between.low), scaling.times[i].length]);
        });
        legend.push(entry);
        series.push(whiskers(entry, spread), line(entry, points, view.inks));
      }
      if (legend.length === 0) return { needs: `runs with W = ${w0} of a protocol that was run with other W too` };
      const stated = paper_numbers(view, quantity);
      for (const number of stated) most = Math.max(most, number.workers as number);
      const ideal = quantity === 'speedup' ? [[w0, 1], [most, most / w0]] : [[w0, 1], [most, 1]];
      series.push(reference_line('ideal', ideal, view.inks));
      if (stated.length > 0) {
        legend.push(paper_entry(view.inks));
        series.push(paper_points(stated.map((n) => [n.workers as number, n.value]), view.inks, {
          label: {
            show: true, position: quantity === 'speedup' ? 'bottom' : 'top', distance: 7, color: view.inks.text, fontSize: 11, fontWeight: 600,
            formatter: (p: { value: number[] }) => (quantity === 'speedup' ? short(p.value[1]) + ' \u00d7' : percent(p.value[1])),
          },
        }));
        for (const n of stated) table.rows.push([paper_name, n.workers, n.value, null, null, null]);
      }
      const format = quantity === 'speedup' ? (v: number) => short(v) : percent;
      const option = base(view, legend, axis_tooltip({ x: integer, y: format, x_name: 'W =' }, legend), {
        xAxis: workers_axis(table.rows.map((r) => r[1] as number), view),
        yAxis: y_axis({
          name: quantity === 'speedup' ? `speed-up over W = ${w0}` : `efficiency against W = ${w0}`,
          kind: quantity === 'speedup' ? 'log' : 'value', format: quantity === 'speedup' ? (v) => String(Number(v.toPrecision(3))) : percent,
          more: quantity === 'speedup' ? { logBase: 2 } : { min: 0 },
        }, view),
        series,
      });
      return {
        option, table, legend, note: `Time: ${time_axis(view.basis)}, ${choices.until === 'gap' ? 'to a gap of ' + power(view.gap) : 'of the whole run'}.`,
        summary: `${quantity} against the number of workers of ${usable.map((s) => s.contestant.label).join(', ')}`,
      };
    },
  };
}

export const speedup = scaling_chart('figure4_speedup', 'speedup', 'Speed-up', 'Figure 4, above: how many times as fast as with W\u2080 workers.');
export const efficiency = scaling_chart('figure4_efficiency', 'efficiency', 'Efficiency', 'Figure 4, below: speed-up over what W / W\u2080 times the workers would give at best.');

// ---- Figure 5 ----

const without_startup = 'Waiting that began during start-up is left out.';

function worker_values(group: Group, of: 'compute' | 'idle' | 'delay' | 'communication' | 'cold_start' | 'responsiveness'): number[] {
  let values: number[] = [];
  for (const run of group.runs) values = values.concat(finite(run.workers ? run.workers[of] : null));
  return values;
}

export const idle_compute: Chart = {
  name: 'figure5_idle_compute',
  title: 'Idle and compute',
  caption: `Figure 5: mean seconds of a task over workers, with one standard deviation. ${without_startup}`,
  controls: (view) => [rest_control(view), contestant_control(view)],
  draw: (view, choices) => {
    const groups = chosen(view, choices);
    const shown: { of: 'compute' | 'idle'; entry: Entry }[] = [
      { of: 'compute', entry: { name: 'compute', colour: view.inks.parts.compute, symbol: 'circle' } },
      { of: 'idle', entry: { name: 'idle', colour: view.inks.parts.idle, symbol: 'triangle', dash: [6, 3] } },
    ];
    const series: Option[] = [];
    const table: Table = { columns: ['W', 'time', 'mean s', 'deviation s', 'workers'], rows: [] };
    let count = 0;
    for (const one of shown) {
      const points: number[][] = [];
      const spread: number[][] = [];
      for (const group of groups) {
        const values = worker_values(group, one.of);
        if (values.length === 0) continue;
        const m = mean(values);
        const d = deviation(values);
        if (m <= 0) continue;
        points.push([group.setting.workers, m]);
        spread.push([group.setting.workers, Math.max(m - d, m / 20), m + d]);
        table.rows.push([group.setting.workers, one.of, m, d, values.length]);
        count += 1;
      }
      series.push(whiskers(one.entry, spread), line(one.entry, points, view.inks));
    }
    if (count === 0) return { needs: 'runs that record the times of tasks (workers.csv.gz, or per_worker.csv)' };
    const legend = shown.map((s) => s.entry);
    const option = base(view, legend, axis_tooltip({ x: integer, y: seconds, x_name: 'W =' }, legend), {
      xAxis: workers_axis(table.rows.map((r) => r[0] as number), view),
      yAxis: y_axis({ name: 'seconds of a task', kind: 'log' }, view), series,
    });
    return { option, table, legend, summary: 'mean idle and compute time of a task against the number of workers' };
  },
};

// ---- Figures 6 and 7 ----

// Several histograms as one over `edges`; what lies within a bin is taken to lie evenly.
export function rebinned(histograms: Histogram[], edges: number[]): number[] {
  const counts = edges.slice(1).map(() => 0);
  for (const h of histograms) {
    for (let i = 0; i < h.counts.length; ++i) {
      const left = h.edges[i];
      const right = h.edges[i + 1];
      if (h.counts[i] === 0) continue;
      for (let j = 0; j < counts.length; ++j) {
        const last = j === counts.length - 1;
        if (right === left) {
          if (left >= edges[j] && (left < edges[j + 1] || (last && left === edges[j + 1]))) counts[j] += h.counts[i];
          continue;
        }
        const overlap = Math.min(right, edges[j + 1]) - Math.max(left, edges[j]);
        if (overlap > 0) counts[j] += (h.counts[i] * overlap) / (right - left);
      }
    }
  }
  return counts;
}

function histograms_of(runs: Run[], time: TaskTime): Histogram[] {
  const found: Histogram[] = [];
  for (const run of runs) {
    const h = run.tasks ? run.tasks[time] : null;
    if (h && h.counts && h.counts.length > 0 && h.edges.length === h.counts.length + 1) found.push(h);
  }
  return found;
}

// Over all edges of all of them. A report's edges are those of one grid, so that nothing is smeared.
function common_bins(histograms: Histogram[]): { edges: number[]; counts: number[] } {
  if (histograms.length === 1) return histograms[0];
  let edges: number[] = [];
  for (const h of histograms) edges = edges.concat(h.edges);
  edges = distinct(edges);
  return { edges, counts: rebinned(histograms, edges) };
}

const times: ('compute' | 'idle' | 'delay' | 'communication')[] = ['compute', 'idle', 'delay', 'communication'];

function histograms_drawing(view: View, groups: Group[], missing: string): Drawing | Missing {
  const panels = times
    .map((time) => {
      let runs: Run[] = [];
      for (const g of groups) runs = runs.concat(g.runs);
      const found = histograms_of(runs, time);
      return { time, bins: found.length > 0 ? common_bins(found) : null };
    })
    .filter((p) => p.bins !== null);
  if (panels.length === 0) return { needs: missing };
  const grids: Option[] = [];
  const xs: Option[] = [];
  const ys: Option[] = [];
  const series: Option[] = [];
  const titles: Option[] = [];
  const table: Table = { columns: ['time', 'from s', 'to s', 'share of tasks'], rows: [] };
  panels.forEach((panel, i) => {
    const h = panel.bins as { edges: number[]; counts: number[] };
    const total = h.counts.reduce((sum, c) => sum + c, 0) || 1;
    const rows: number[][] = [];
    h.counts.forEach((c, k) => {
      table.rows.push([panel.time, h.edges[k], h.edges[k + 1], c / total]);
      if (c > 0) rows.push([h.edges[k], h.edges[k + 1], c / total]);
    });
    // Edges of equal ratio ask for a logarithmic axis, where what lies at 0 is drawn left of all else.
    const positive = h.edges.filter((e) => e > 0);
    const log = positive.length > 3 && positive[2] / positive[1] < 1.5 && positive[2] - positive[1] > 1.05 * (positive[1] - positive[0]);
    if (log) for (const r of rows) if (r[0] <= 0) r[0] = r[1] / 1.12;
    const left = i % 2 === 0 ? 8 : 57;
    const top = i < 2 ? 11 : 60;
    grids.push({ left: left + '%', width: '39%', top: top + '%', height: '27%' });
    titles.push({ text: panel.time, left: left + '%', top: top - 10.5 + '%', padding: 0, textStyle: { fontSize: 12, fontWeight: 600, color: view.inks.text } });
    xs.push(x_axis({ name: i >= panels.length - 2 ? 'seconds' : '', kind: log ? 'log' : 'value', format: (v) => (log ? power(v) : String(Number(v.toPrecision(3)))), more: { gridIndex: i, nameGap: 24, splitNumber: 4, scale: true } }, view));
    ys.push(y_axis({ name: '', kind: 'value', format: percent, more: { gridIndex: i, splitNumber: 3, min: 0, max: (v: { max: number }) => (v.max > 0.7 ? 1 : null) } }, view));
    series.push(bins({ name: panel.time, colour: view.inks.parts[panel.time] }, rows, 0, { xAxisIndex: i, yAxisIndex: i }));
  });
  const option = base(view, [], item_tooltip((h) => {
    const v = h.value as number[];
    return [['from', seconds(v[0])], ['to', seconds(v[1])], ['tasks', percent(v[2])]];
  }), { grid: grids, title: titles, xAxis: xs, yAxis: ys, series });
  return { option, table, legend: [], height: 400, summary: `histograms of the ${panels.map((p) => p.time).join(', ')} times of tasks` };
}

function histogram_chart(figure: number, workers: number): Chart {
  return {
    name: `figure${figure}_histograms`,
    title: `Times of tasks at W = ${workers}`,
    caption: `Figure ${figure}: share of tasks by seconds. ${without_startup}`,
    controls: (view) => {
      const usable: View = { ...view, model: { ...view.model, settings: view.model.settings.filter((s) => s.workers === workers) } };
      return usable.model.settings.length > 0 ? [rest_control(usable), contestant_control(view)] : [];
    },
    draw: (view, choices) =>
      histograms_drawing(view, chosen(view, choices).filter((g) => g.setting.workers === workers), `runs with --workers ${workers} that record the times of tasks`),
  };
}

export const histograms64 = histogram_chart(6, 64);
export const histograms256 = histogram_chart(7, 256);

export const task_times: Chart = {
  name: 'task_times',
  title: 'Times of tasks',
  caption: `Share of tasks by seconds, as in figures 6 and 7, for any setting and protocol. ${without_startup}`,
  controls: (view) => [
    { key: 'setting', label: 'setting', told: true, options: view.model.settings.map((s) => ({ value: s.key, label: s.label })), initial: view.model.settings.length ? view.model.settings[view.model.settings.length - 1].key : '' },
    contestant_control(view),
  ],
  draw: (view, choices) =>
    histograms_drawing(view, view.model.groups.filter((g) => g.setting.key === choices.setting && g.contestant.key === choices.contestant),
      'runs of this protocol in this setting that record the times of tasks'),
};

// ---- Figure 8 ----

export const cold_start: Chart = {
  name: 'figure8_cold_start',
  title: 'Cold starts',
  caption: 'Figure 8: seconds until a worker is ready. Boxes hold the middle half of the workers, whiskers all of them; the line is the mean computation of a task.',
  controls: (view) => [rest_control(view), contestant_control(view)],
  draw: (view, choices) => {
    const groups = chosen(view, choices);
    const names: string[] = [];
    const rows: number[][] = [];
    const compute: (number | null)[][] = [];
    const table: Table = { columns: ['W', 'least s', 'first quartile s', 'median s', 'third quartile s', 'most s', 'mean compute s'], rows: [] };
    for (const group of groups) {
      const starts = worker_values(group, 'cold_start').filter((v) => v > 0);
      if (starts.length === 0) continue;
      const five = [0, 0.25, 0.5, 0.75, 1].map((q) => quantile(starts, q));
      const computed = worker_values(group, 'compute');
      const average = computed.length > 0 ? mean(computed) : null;
      rows.push([names.length].concat(five));
      compute.push([names.length, average !== null && average > 0 ? average : null]);
      names.push('W = ' + group.setting.workers);
      table.rows.push([group.setting.workers as number | null].concat(five, [average]));
    }
    if (rows.length === 0) return { needs: 'runs on a fleet with cold starts that record them (per_worker.csv)' };
    const box: Entry = { name: 'cold start', colour: view.inks.parts.communication, symbol: 'rect' };
    const computing: Entry = { name: 'mean compute', colour: view.inks.parts.compute, symbol: 'circle' };
    const legend = [box, computing];
    const drawn: Option = {
      type: 'custom', name: box.name, data: rows, encode: { x: 0, y: [1, 2, 3, 4, 5] }, itemStyle: { color: box.colour }, animation: false, clip: true,
      renderItem: (_p: unknown, api: { coord: (p: number[]) => number[]; value: (d: number) => number; size: (r: number[]) => number[] }) => {
        const at = [1, 2, 3, 4, 5].map((d) => api.coord([api.value(0), api.value(d)]));
        const half = Math.min(18, api.size([1, 0])[0] * 0.25);
        const x = at[0][0];
        const stroke = { stroke: box.colour, lineWidth: 1.4, fill: 'none' };
        const edge = (y: number, w: number, width: number) => ({ type: 'line', shape: { x1: x - w, y1: y, x2: x + w, y2: y }, style: { ...stroke, lineWidth: width } });
        return {
          type: 'group',
          children: [
            { type: 'line', shape: { x1: x, y1: at[0][1], x2: x, y2: at[4][1] }, style: stroke },
            { type: 'rect', shape: { x: x - half, y: at[3][1], width: 2 * half, height: Math.max(1, at[1][1] - at[3][1]) }, style: { fill: view.inks.surface, stroke: box.colour, lineWidth: 1.4 } },
            edge(at[0][1], half / 2, 1.4), edge(at[4][1], half / 2, 1.4), edge(at[2][1], half, 2.4),
          ],
        };
      },
    };
    const option = base(view, legend, item_tooltip((h) => {
      const v = h.value as number[];
      if (v.length < 6) return [['compute', seconds(v[1])]];
      return [['most', seconds(v[5])], ['third quartile', seconds(v[4])], ['median', seconds(v[3])], ['first quartile', seconds(v[2])], ['least', seconds(v[1])]];
    }), {
      xAxis: x_axis({ name: 'workers', kind: 'category', categories: names.map((n) => n.replace('W = ', '')) }, view),
      yAxis: y_axis({ name: 'seconds', kind: 'log' }, view),
      series: [drawn, line(computing, compute, view.inks)],
    });
    return { option, table, legend, summary: 'cold starts of workers by number of workers, as boxes' };
  },
};

// ---- Figure 9 ----

export const responsiveness: Chart = {
  name: 'figure9_responsiveness',
  title: 'Responsiveness',
  caption: 'Figure 9: share of rounds in which a worker is among the slowest tenth; workers from the slowest to the fastest, each seed a line of its own.',
  controls: (view) => [rest_control(view), contestant_control(view)],
  draw: (view, choices) => {
    const groups = chosen(view, choices);
    const all = distinct(groups.map((g) => g.setting.workers));
    const legend: Entry[] = [];
    const series: Option[] = [];
    const table: Table = { columns: ['W', 'run', 'rank of the worker', 'share of rounds among the slowest tenth'], rows: [] };
    for (const group of groups) {
      const i = all.indexOf(group.setting.workers);
      const entry: Entry = { name: 'W = ' + group.setting.workers, colour: ordered_colour(i, all.length, view.inks), symbol: ordered_symbol(i) };
      group.runs.forEach((run, k) => {
        const shares = finite(run.workers ? run.workers.responsiveness : null).sort((a, b) => b - a);
        if (shares.length < 2) return;
        if (k === 0 || !legend.some((e) => e.name === entry.name)) legend.push(entry);
        const points = shares.map((s, r) => [(r + 0.5) / shares.length, s]);
        series.push(line(entry, points, view.inks, k === 0 ? {} : { symbol: 'none', lineStyle: { color: entry.colour, width: 1, opacity: 0.45 } }));
        shares.forEach((s, r) => table.rows.push([group.setting.workers, run.id, r + 1, s]));
      });
    }
    if (legend.length === 0) return { needs: 'runs with two or more workers that record who was late (per_worker.csv)' };
    series.push(reference_line('all alike', [[0, 0.1], [1, 0.1]], view.inks));
    const option = base(view, legend, item_tooltip((h) => {
      const v = h.value as number[];
      return [['workers that are slower', percent(v[0])], ['among the slowest tenth', percent(v[1]) + ' of rounds']];
    }), {
      xAxis: x_axis({ name: 'workers, from the slowest to the fastest', kind: 'value', format: percent, min: 0, max: 1 }, view),
      yAxis: y_axis({ name: 'share of rounds', kind: 'value', format: percent, more: { min: 0 } }, view), series,
    });
    return { option, table, legend, summary: 'share of rounds in which each worker is among the slowest tenth' };
  },
};

