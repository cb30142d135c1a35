// How all charts look: axes, lines, legends, tooltips, and the shapes that ECharts does not have.
import { Option } from '../option';
import { Contestant } from '../series';
import { Inks } from '../theme';
import { integer, power, short } from '../format';
import { Entry, View } from './chart';

export const font = "Inter, 'Helvetica Neue', Arial, sans-serif";
export const star = 'path://M0,-10L2.4,-3.2L9.5,-3.1L3.8,1.2L5.9,8.1L0,4L-5.9,8.1L-3.8,1.2L-9.5,-3.1L-2.4,-3.2Z';

const dashes: (string | number[])[] = ['solid', [7, 4], [2, 3], [9, 3, 2, 3], [4, 2], [12, 4]];

export function entry_of(contestant: Contestant): Entry {
  return {
    name: contestant.label,
    colour: contestant.look.colour,
    symbol: contestant.look.symbol,
    dash: dashes[contestant.variant % dashes.length],
    hollow: contestant.variant % 2 === 1,
  };
}

export function item_style(entry: Entry, inks: Inks): Option {
  return { color: entry.hollow ? inks.surface : entry.colour, borderColor: entry.colour, borderWidth: 1.5 };
}

// Markers on about a dozen of a line's points, so that lines are told apart without their colour.
function sparse(count: number, size: number): (value: unknown, params: { dataIndex: number }) => number {
  const every = Math.max(1, Math.ceil(count / 12));
  return (_value, params) => (params.dataIndex % every === 0 || params.dataIndex === count - 1 ? size : 0);
}

export function line(entry: Entry, data: (number | null)[][], inks: Inks, more: Option = {}): Option {
  return {
    type: 'line', name: entry.name, data, symbol: entry.symbol || 'none', showAllSymbol: true, connectNulls: false,
    symbolSize: sparse(data.length, entry.symbol === 'triangle' || entry.symbol === 'diamond' ? 9 : 7),
    lineStyle: { color: entry.colour, width: 2, type: entry.dash || 'solid', join: 'round' },
    itemStyle: item_style(entry, inks), emphasis: { focus: 'series', lineStyle: { width: 2.5 } }, blur: { lineStyle: { opacity: 0.2 } },
    z: 3, animation: false, ...more,
  };
}

export type AxisKind = 'value' | 'log' | 'category';

export interface AxisWish {
  name: string;
  kind: AxisKind;
  categories?: string[];
  format?: (value: number) => string;
  min?: number | string;
  max?: number | string;
  tilt?: number;
  more?: Option;
}

// 10.0 s as 10 s: ticks are round.
function without_zeros(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '');
}

// An axis of numbers of workers: from one power of two to another.
export function workers_axis(workers: number[], view: View): Option {
  const exponent = (w: number) => Math.log(w) / Math.LN2;
  const least = Math.floor(exponent(Math.min.apply(null, workers)) + 1e-9);
  const most = Math.ceil(exponent(Math.max.apply(null, workers)) - 1e-9);
  return x_axis({
    name: 'workers', kind: 'log', format: integer, min: Math.pow(2, least), max: Math.pow(2, Math.max(most, least + 1)), more: { logBase: 2 },
  }, view);
}

function axis(wish: AxisWish, view: View, horizontal: boolean): Option {
  const inks = view.inks;
  const format = wish.format || (wish.kind === 'log' ? power : short);
  const label: Option = { color: inks.muted, fontFamily: font, fontSize: 11, hideOverlap: true };
  if (wish.kind !== 'category') label.formatter = (value: number) => without_zeros(format(value));
  if (wish.tilt) label.rotate = wish.tilt;
  return {
    type: wish.kind, name: wish.name, data: wish.categories, min: wish.min, max: wish.max,
    nameLocation: horizontal ? 'middle' : 'end', nameGap: horizontal ? 28 : 12,
    nameTextStyle: { color: inks.muted, fontFamily: font, fontSize: 11, align: horizontal ? 'center' : 'left', padding: horizontal ? 0 : [0, 0, 0, -44] },
    axisLine: { show: horizontal, lineStyle: { color: inks.faint } },
    axisTick: { show: horizontal && wish.kind !== 'category', lineStyle: { color: inks.faint } },
    splitLine: { show: !horizontal, lineStyle: { color: inks.grid } },
    axisLabel: label, minorTick: { show: false }, minorSplitLine: { show: false }, ...(wish.more || {}),
  };
}

export function x_axis(wish: AxisWish, view: View): Option {
  return axis(wish, view, true);
}

export function y_axis(wish: AxisWish, view: View): Option {
  return axis(wish, view, false);
}

// Text that comes from the data, within a tooltip's markup.
export function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

interface Hovered {
  seriesName?: string;
  seriesType?: string;
  name?: string;
  value?: unknown;
  color?: unknown;
  borderColor?: unknown;
  axisValueLabel?: string;
  axisValue?: unknown;
}

function row(name: string, colour: string, value: string): string {
  return (
    `<div style="display:flex;gap:14px;align-items:center"><span style="width:9px;height:9px;border-radius:2px;background:${colour}"></span>` +
    `<span style="flex:1">${escaped(name)}</span><b style="font-weight:600;font-variant-numeric:tabular-nums">${escaped(value)}</b></div>`
  );
}

export interface Units {
  x: (value: number) => string;
  y: (value: number) => string;
  x_name: string;
}

// The values of all lines at one place of the x axis.
export function axis_tooltip(units: Units, legend: Entry[]): Option {
  const colours: { [name: string]: string } = {};
  for (const entry of legend) colours[entry.name] = entry.colour;
  return {
    trigger: 'axis',
    formatter: (hovered: Hovered[] | Hovered) => {
      const list = (hovered instanceof Array ? hovered : [hovered]).filter((h) => h.seriesType !== 'custom' && h.seriesName);
      if (list.length === 0) return '';
      const seen: { [name: string]: boolean } = {};
      const rows = list
        .map((h) => ({ name: String(h.seriesName), value: h.value instanceof Array ? Number(h.value[1]) : Number(h.value) }))
        .filter((h) => {
          const fresh = !seen[h.name] && isFinite(h.value);
          seen[h.name] = true;
          return fresh;
        })
        .sort((a, b) => a.value - b.value);
      const at = list[0].axisValue;
      const head = typeof at === 'number' ? units.x(at) : String(at);
      const shown = rows.slice(0, 14).map((r) => row(r.name, colours[r.name] || '#888', units.y(r.value)));
      return `<div style="margin-bottom:4px;opacity:.7">${escaped(units.x_name)} ${escaped(head)}</div>` + shown.join('');
    },
  };
}

export function item_tooltip(describe: (hovered: Hovered) => [string, string][]): Option {
  return {
    trigger: 'item',
    formatter: (hovered: Hovered) => {
      const name = hovered.seriesName || hovered.name || '';
      const rows = describe(hovered).map(
        (pair) => `<div style="display:flex;gap:18px"><span style="flex:1;opacity:.7">${escaped(pair[0])}</span><b style="font-weight:600">${escaped(pair[1])}</b></div>`,
      );
      return `<div style="font-weight:600;margin-bottom:3px">${escaped(name)}</div>` + rows.join('');
    },
  };
}

// What every option begins with. The legend is drawn in pictures; the page draws one of its own, of buttons.
export function base(view: View, legend: Entry[], tooltip: Option, more: Option = {}): Option {
  const inks = view.inks;
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: font, color: inks.text },
    aria: { enabled: false },
    grid: { left: 56, right: 22, top: 30, bottom: 44 },
    legend: {
      show: false, top: 0, left: 'center', itemWidth: 11, itemHeight: 11, itemGap: 16,
      textStyle: { color: inks.text, fontFamily: font, fontSize: 12 },
      data: legend.map((entry) => ({
        name: entry.name, icon: entry.symbol || 'rect',
        itemStyle: item_style(entry, inks), lineStyle: { color: entry.colour, type: entry.dash || 'solid' },
      })),
    },
    tooltip: {
      confine: true, backgroundColor: inks.surface, borderColor: inks.grid, borderWidth: 1, padding: [8, 12],
      textStyle: { color: inks.text, fontFamily: font, fontSize: 12 },
      extraCssText: 'box-shadow:0 6px 24px rgba(0,0,0,.14);border-radius:8px;min-width:140px',
      axisPointer: { type: 'line', lineStyle: { color: inks.faint, width: 1, type: 'solid' } },
      ...tooltip,
    },
    ...more,
  };
}

interface Api {
  coord: (point: number[]) => number[];
  value: (dimension: number) => number;
  size: (range: number[]) => number[];
}

// The area between two lines. One element draws it all, from the rows that the axes take their extent from.
export function band(entry: Entry, rows: number[][], more: Option = {}): Option {
  return {
    type: 'custom', name: entry.name, data: rows, encode: { x: 0, y: [1, 2] }, silent: true, clip: true, z: 1, animation: false,
    tooltip: { show: false }, itemStyle: { color: entry.colour },
    renderItem: (params: { dataIndexInside: number }, api: Api) => {
      if (params.dataIndexInside !== 0) return null;
      // In steps: what was reached last holds until the next.
      const edge = (side: number) => {
        const points: number[][] = [];
        rows.forEach((r, i) => {
          if (i > 0) points.push(api.coord([r[0], rows[i - 1][side]]));
          points.push(api.coord([r[0], r[side]]));
        });
        return points;
      };
      const points = edge(2).concat(edge(1).reverse());
      return { type: 'polygon', shape: { points }, style: { fill: entry.colour, opacity: 0.16 } };
    },
    ...more,
  };
}

// Rows of x, low, high: a line with two short ends.
export function whiskers(entry: Entry, rows: number[][], more: Option = {}): Option {
  return {
    type: 'custom', name: entry.name, data: rows, encode: { x: 0, y: [1, 2] }, silent: true, clip: true, z: 2, animation: false,
    tooltip: { show: false }, itemStyle: { color: entry.colour },
    renderItem: (_params: unknown, api: Api) => {
      const low = api.coord([api.value(0), api.value(1)]);
      const high = api.coord([api.value(0), api.value(2)]);
      const style = { stroke: entry.colour, lineWidth: 1.2, opacity: 0.75, fill: 'none' };
      const stroke = (x1: number, y1: number, x2: number, y2: number) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
      return {
        type: 'group',
        children: [
          stroke(low[0], low[1], high[0], high[1]),
          stroke(low[0] - 3, low[1], low[0] + 3, low[1]),
          stroke(high[0] - 3, high[1], high[0] + 3, high[1]),
        ],
      };
    },
    ...more,
  };
}

// Rows of left, right, height: bars as wide as their bins.
export function bins(entry: Entry, rows: number[][], floor: number, more: Option = {}): Option {
  return {
    type: 'custom', name: entry.name, data: rows, encode: { x: [0, 1], y: 2 }, clip: true, animation: false, itemStyle: { color: entry.colour },
    renderItem: (_params: unknown, api: Api) => {
      const top = api.coord([api.value(0), api.value(2)]);
      const foot = api.coord([api.value(1), floor]);
      const width = Math.max(1, foot[0] - top[0] - 0.5);
      return {
        type: 'rect', shape: { x: top[0], y: top[1], width, height: Math.max(0, foot[1] - top[1]) },
        style: { fill: entry.colour, opacity: 0.85 },
      };
    },
    ...more,
  };
}

// A dashed reference line with its name at the end.
export function reference_line(name: string, data: number[][], inks: Inks, more: Option = {}): Option {
  return {
    type: 'line', name, data, symbol: 'none', silent: true, z: 1, animation: false, tooltip: { show: false },
    lineStyle: { color: inks.faint, width: 1.2, type: [4, 4] }, itemStyle: { color: inks.faint }, ...more,
  };
}

export function paper_points(data: number[][], inks: Inks, more: Option = {}): Option {
  return {
    type: 'scatter', name: paper_name, data, symbol: star, symbolSize: 15, z: 6, animation: false,
    itemStyle: { color: inks.surface, borderColor: inks.paper, borderWidth: 1.6 }, ...more,
  };
}

export const paper_name = 'Aytekin and Johansson';

export function paper_entry(inks: Inks): Entry {
  return { name: paper_name, colour: inks.paper, symbol: star, hollow: true };
}

// Ordered colours for what is no protocol: numbers of workers. Dark to light of cividis, readable in both modes.
const ordered = ['#1F3B6F', '#4C6A9C', '#7C7B78', '#A69D75', '#D3B94F', '#F0D43A'];
const ordered_dark = ['#5B8DEF', '#6FA8C9', '#9AA5A1', '#BDB67F', '#DEC65A', '#F6E15C'];

export function ordered_colour(index: number, count: number, inks: Inks): string {
  const colours = inks.surface === '#ffffff' ? ordered : ordered_dark;
  return colours[count < 2 ? 0 : Math.round((index * (colours.length - 1)) / (count - 1))];
}
const ordered_symbols = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'arrow'];
export function ordered_symbol(index: number): string {
  return ordered_symbols[index % ordered_symbols.length];
}
