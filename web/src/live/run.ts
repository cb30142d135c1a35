// One run as it goes.
import type { Option } from '../option';
import { look_of } from '../theme';
import type { Curve, Run } from './document';
import {
  bytes_text, draw_chart, element, inks, number_text, seconds_text, show_legend, show_list, show_numbers, show_squares,
} from './parts';

type Measure = 'gap' | 'residuals' | 'objective';
type Axis = 'round' | 'fleet_s' | 'wall_s';

const states: [string, string][] = [
  ['w', 'working'], ['i', 'idle'], ['s', 'starting'], ['l', 'loading'], ['x', 'lost'], ['-', 'not started'],
];

let newest: Run | null = null;
let choices = '';

function options_of(select: HTMLSelectElement, options: [string, string][]): void {
  const chosen = select.value;
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

// The measures that the run has: a gap takes a reference.
function offer(run: Run): void {
  const has_gap = run.curve.gap.some((gap) => gap !== null);
  const clock = run.virtual ? 'virtual time' : "the fleet's time";
  const wanted = `${has_gap}${clock}`;
  if (wanted === choices) return;
  choices = wanted;
  options_of(element<HTMLSelectElement>('measure'), [
    ...(has_gap ? [['gap', 'relative gap'] as [string, string]] : []),
    ['residuals', 'residuals'], ['objective', 'objective'],
  ]);
  options_of(element<HTMLSelectElement>('axis'), [['round', 'rounds'], ['fleet_s', clock], ['wall_s', 'wall time']]);
}

function curve_option(run: Run): Option {
  const measure = element<HTMLSelectElement>('measure').value as Measure;
  const axis = element<HTMLSelectElement>('axis').value as Axis;
  const ink = inks();
  const names: [keyof Curve, string][] = measure === 'residuals'
    ? [['primal', 'primal residual'], ['dual', 'dual residual']]
    : [[measure, measure === 'gap' ? 'relative gap' : 'objective']];
  const is_log = measure !== 'objective';
  const colour = look_of(run.title).colour;
  return {
    grid: { left: 64, right: 16, top: 28, bottom: 40 },
    textStyle: { fontFamily: 'Inter', color: ink.text },
    tooltip: { trigger: 'axis' },
    legend: { show: names.length > 1, textStyle: { color: ink.text }, top: 0 },
    xAxis: {
      type: 'value', name: axis === 'round' ? 'rounds' : 'seconds', nameLocation: 'middle', nameGap: 24,
      axisLabel: { color: ink.muted }, splitLine: { lineStyle: { color: ink.grid } }, min: 'dataMin', max: 'dataMax',
    },
    yAxis: {
      type: is_log ? 'log' : 'value', scale: true,
      axisLabel: { color: ink.muted, formatter: (value: number) => (is_log ? value.toExponential(0) : number_text(value, 6)) },
      splitLine: { lineStyle: { color: ink.grid } },
    },
    series: names.map(([name, title], i) => ({
      type: 'line', name: title, showSymbol: false, color: i === 0 ? colour : ink.muted,
      lineStyle: { width: 2, type: i === 0 ? 'solid' : 'dashed' },
      data: run.curve[axis].map((x, k) => {
        const y = run.curve[name][k];
        return [x, y === null || (is_log && y <= 0) ? null : y];
      }),
    })),
  };
}

interface RenderApi {
  value(dimension: number): number;
  coord(point: [number, number]): [number, number];
  size(extent: [number, number]): [number, number];
}

// Tasks as bars: pale from dispatch to arrival, full while it is computed; what was not accepted in the colour of losses.
function timeline_option(run: Run): Option {
  const ink = inks();
  const { timeline } = run;
  const zero = timeline.dispatched_us.reduce<number>((least, at) => Math.min(least, at ?? Infinity), Infinity);
  const style = getComputedStyle(document.documentElement);
  const colours = { working: style.getPropertyValue('--working'), lost: style.getPropertyValue('--lost') };
  const bars: number[][] = [];
  const add = (worker: number, sent: number, arrived: number, from: number, to: number, outcome: number) =>
    bars.push([worker, ...[sent, arrived, from, to].map((at) => (at - zero) / 1e6), outcome]);
  const now = run.fleet_s * 1e6;
  timeline.worker.forEach((worker, i) => {
    const sent = timeline.dispatched_us[i];
    if (sent === null) return;
    const [from, to] = [timeline.started_us[i] ?? NaN, timeline.finished_us[i] ?? NaN];
    add(worker, sent, timeline.arrived_us[i] ?? now, from, to, timeline.outcome[i]);
  });
  run.busy_since_us.forEach((since, worker) => {
    if (since !== null && since >= zero) add(worker, since, Math.max(now, since), NaN, NaN, -1);
  });
  const render = (_: unknown, api: RenderApi) => {
    const height = Math.max(1, Math.min(16, api.size([0, 1])[1] * 0.75));
    const bar = (from: number, to: number, fill: string, opacity: number) => {
      const [left, middle] = api.coord([from, api.value(0)]);
      const right = api.coord([to, api.value(0)])[0];
      return {
        type: 'rect',
        shape: { x: left, y: middle - height / 2, width: Math.max(1, right - left), height },
        style: { fill, opacity },
      };
    };
    const outcome = api.value(5);
    const fill = outcome === -1 ? ink.faint : outcome === 0 ? colours.working : colours.lost;
    const children = [bar(api.value(1), api.value(2), fill, 0.3)];
    if (api.value(4) > api.value(3)) children.push(bar(api.value(3), api.value(4), fill, 1));
    return { type: 'group', children };
  };
  return {
    grid: { left: 64, right: 16, top: 12, bottom: 40 },
    textStyle: { fontFamily: 'Inter', color: ink.text },
    xAxis: {
      type: 'value', name: `seconds since ${seconds_text(Number.isFinite(zero) ? zero / 1e6 : 0)}`, nameLocation: 'middle',
      nameGap: 24, axisLabel: { color: ink.muted, showMaxLabel: false }, splitLine: { show: false }, min: 0, max: 'dataMax',
    },
    yAxis: {
      type: 'value', name: 'worker', nameLocation: 'middle', nameGap: 36, inverse: true, min: -0.5, max: run.states.length - 0.5, splitLine: { show: false },
      axisLabel: { color: ink.muted, showMinLabel: false, showMaxLabel: false }, minInterval: 1,
    },
    series: [
      {
        type: 'custom', renderItem: render, clip: true,
        encode: { x: [1, 2], y: 0 },
        data: bars,
        markLine: {
          symbol: 'none', silent: true, precision: 12, label: { show: false }, lineStyle: { color: ink.muted, type: 'dashed', width: 1 },
          data: run.updates_us.filter((at) => at >= zero).map((at) => ({ xAxis: (at - zero) / 1e6 })),
        },
      },
    ],
  };
}

export function draw_run(run: Run): void {
  newest = run;
  element('run').hidden = false;
  if (run.title) document.title = element('title').textContent = `${run.title}, ${run.states.length} workers`;
  element('heading').textContent = run.heading.join('\n');
  const { curve } = run;
  const last = curve.round.length - 1;
  const numbers: [string, string][] = [
    ['rounds', last < 0 ? '0' : String(curve.round[last])],
    [run.virtual ? 'virtual time' : "fleet's time", seconds_text(run.fleet_s)],
    ['start-up', run.startup_s === null ? 'goes on' : seconds_text(run.startup_s)],
    ['solving', run.startup_s === null ? '–' : seconds_text(Math.max(run.fleet_s - run.startup_s, 0))],
    ['wall time', seconds_text(run.wall_s)],
    ['objective', last < 0 ? '–' : number_text(curve.objective[last], 7)],
    ['relative gap', last < 0 ? '–' : number_text(curve.gap[last])],
    ['primal residual', last < 0 ? '–' : number_text(curve.primal[last])],
    ['tasks', String(run.tasks)],
    ['traffic', bytes_text(run.bytes_up + run.bytes_down)],
    ['cost so far', run.cost ? `${number_text(run.cost.dollars)} $` : '–'],
  ];
  if (run.starts > 0) numbers.push(['starts, lost', `${run.starts}, ${run.losses}`]);
  show_numbers(numbers);
  element('notices').hidden = run.notices.length === 0;
  show_list('notices', run.notices);
  const names = new Map(states);
  const count = (state: string) => run.states.split(state).length - 1;
  show_legend('legend', states.filter(([state]) => count(state) > 0).map(([state, name]) => [state, name, count(state)]));
  show_squares('workers', run.states.split(''), (w) => `worker ${w}: ${names.get(run.states[w])}`);
  offer(run);
  draw_chart('curve', curve_option(run));
  draw_chart('timeline', timeline_option(run));
}

export function redraw_run(run: Run): void {
  draw_run(run);
}

for (const id of ['measure', 'axis'])
  element(id).addEventListener('change', () => {
    if (newest) draw_chart('curve', curve_option(newest));
  });
