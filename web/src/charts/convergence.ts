// How gap and residuals fall: the median over seeds, with the band of the quartiles.
import { Run, Series } from '../data';
import { power, short } from '../format';
import { Measure, spent } from '../series';
import { quantile } from '../statistics';
import { Chart, Choices, Drawing, Entry, Missing, Table, View } from './chart';
import { measure_of, measures, setting_control } from './measures';
import { axis_tooltip, band, base, entry_of, line, x_axis, y_axis } from './style';

type Shown = 'gap' | 'primal' | 'dual' | 'objective' | 'rho';

const shown: { value: Shown; label: string; axis: string }[] = [
  { value: 'gap', label: 'relative gap', axis: 'relative gap' },
  { value: 'primal', label: 'primal residual', axis: 'primal residual' },
  { value: 'dual', label: 'dual residual', axis: 'dual residual' },
  { value: 'objective', label: 'objective', axis: 'objective' },
  { value: 'rho', label: 'rho', axis: 'rho' },
];

interface Trace {
  x: number[];
  y: number[];
}

function trace_of(run: Run, x: Measure, y: Shown, log_x: boolean, log_y: boolean): Trace {
  const series = run.series as Series;
  const trace: Trace = { x: [], y: [] };
  for (let i = 0; i < series.round.length; ++i) {
    const at = series[x][i];
    const value = series[y][i];
    if (at === null || value === null || at === undefined || value === undefined) continue;
    if ((log_x && at <= 0) || (log_y && value <= 0)) continue;
    trace.x.push(at);
    trace.y.push(value);
  }
  return trace;
}

const most_points = 240;

export interface Curve {
  x: number[];
  median: number[];
  low: number[];
  high: number[];
}

// At each x of any run: the quartiles of what the runs had last reached by then. A run that has ended keeps its last
// value; one that has not begun counts as infinite, so that nothing is shown before half of them have.
export function quartiles(traces: Trace[]): Curve {
  let grid: number[] = [];
  for (const trace of traces) grid = grid.concat(trace.x);
  grid.sort((a, b) => a - b);
  grid = grid.filter((x, i) => i === 0 || x !== grid[i - 1]);
  if (grid.length > most_points) {
    const all = grid;
    grid = [];
    for (let i = 0; i < most_points; ++i) grid.push(all[Math.round((i * (all.length - 1)) / (most_points - 1))]);
  }
  const places = traces.map(() => -1);
  const curve: Curve = { x: [], median: [], low: [], high: [] };
  for (const x of grid) {
    const values = traces.map((trace, t) => {
      while (places[t] + 1 < trace.x.length && trace.x[places[t] + 1] <= x) places[t] += 1;
      return places[t] < 0 ? Infinity : trace.y[places[t]];
    });
    const middle = quantile(values, 0.5);
    if (!isFinite(middle)) continue;
    const high = quantile(values, 0.75);
    curve.x.push(x);
    curve.median.push(middle);
    curve.low.push(quantile(values, 0.25));
    curve.high.push(isFinite(high) ? high : middle);
  }
  return curve;
}

function pairs(x: number[], y: number[]): number[][] {
  return x.map((at, i) => [at, y[i]]);
}

function draw(view: View, choices: Choices): Drawing | Missing {
  const x = measure_of(choices.x);
  const y = shown.filter((s) => s.value === choices.y)[0];
  const log_x = choices.x_scale === 'log';
  const log_y = choices.y_scale === 'log';
  const groups = view.model.groups.filter((g) => g.setting.key === choices.setting);
  const legend: Entry[] = [];
  const series: object[] = [];
  const table: Table = { columns: ['configuration', x.axis, y.axis, 'first quartile', 'third quartile', 'runs'], rows: [] };
  for (const group of groups) {
    const traces = group.runs.map((run) => trace_of(run, x.value, y.value, log_x, log_y)).filter((t) => t.x.length > 0);
    if (traces.length === 0) continue;
    const entry = entry_of(group.contestant);
    legend.push(entry);
    const curve = quartiles(traces);
    curve.x.forEach((at, i) => table.rows.push([entry.name, at, curve.median[i], curve.low[i], curve.high[i], traces.length]));
    if (choices.spread === 'runs') {
      for (const trace of traces) series.push(line(entry, pairs(trace.x, trace.y), view.inks, { step: 'end', lineStyle: { color: entry.colour, width: 1.2, type: entry.dash, opacity: 0.8 } }));
    } else {
      if (traces.length > 1) series.push(band(entry, curve.x.map((at, i) => [at, curve.low[i], curve.high[i]])));
      series.push(line(entry, pairs(curve.x, curve.median), view.inks, { step: 'end' }));
    }
  }
  if (legend.length === 0) {
    if (y.value === 'gap') return { needs: 'runs with a known optimum: --target-gap, or --reference auto' };
    return { needs: `runs that record ${y.axis} and ${x.axis}` };
  }
  const units = { x: x.format, y: log_y ? power : short, x_name: '' };
  const option = base(view, legend, axis_tooltip(units, legend), {
    xAxis: x_axis({ name: x.axis, kind: log_x ? 'log' : 'value', format: x.format, more: log_x ? {} : { min: 0 } }, view),
    yAxis: y_axis({ name: y.axis, kind: log_y ? 'log' : 'value', format: log_y ? power : short, more: { scale: true } }, view),
    series,
    dataZoom: [{ type: 'inside', filterMode: 'none', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: true }],
  });
  return {
    option, table, legend, height: 420,
    summary: `${y.label} against ${x.label} of ${legend.map((e) => e.name).join(', ')}`,
  };
}


// Where fleets take far longer to start than to solve, a curve that holds the start would be a line upwards at its end.
function usual_time(view: View): string {
  const ratios: number[] = [];
  for (const g of view.model.groups) for (const run of g.runs) ratios.push(spent(run, 'virtual_s') / spent(run, 'solving_s'));
  return quantile(ratios.filter((r) => isFinite(r)), 0.75) > 4 ? 'solving_s' : view.basis;
}

export const convergence: Chart = {
  name: 'convergence',
  title: 'Gap and residuals',
  caption: 'The median over seeds, with the band from the first to the third quartile. A run that has ended keeps its last value.',
  wide: true,
  controls: (view) => [
    setting_control(view),
    { key: 'y', label: 'shown', options: shown, initial: view.model.groups.some((g) => g.runs.some((r) => (r.series as Series).gap.some((v) => v !== null))) ? 'gap' : 'primal' },
    { key: 'x', label: 'against', options: measures, initial: usual_time(view) },
    { key: 'y_scale', label: 'y', options: [{ value: 'log', label: 'log' }, { value: 'linear', label: 'linear' }], initial: 'log' },
    { key: 'x_scale', label: 'x', options: [{ value: 'linear', label: 'linear' }, { value: 'log', label: 'log' }], initial: 'linear' },
    { key: 'spread', label: 'seeds', options: [{ value: 'band', label: 'median and band' }, { value: 'runs', label: 'every run' }], initial: 'band' },
  ],
  draw,
};
