// Parts of the page, and words for numbers.
import { echarts, type ECharts } from '../echarts';
import type { Option } from '../option';
import { dark, light, type Inks } from '../theme';

export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

export function inks(): Inks {
  return matchMedia('(prefers-color-scheme: dark)').matches ? dark : light;
}

const charts = new Map<string, ECharts>();

// Without animation: the next picture comes before it would be over.
export function draw_chart(id: string, option: Option): void {
  let chart = charts.get(id);
  if (!chart) {
    chart = echarts.init(element(id), undefined, { renderer: 'canvas' });
    charts.set(id, chart);
    const made = chart;
    new ResizeObserver(() => made.resize()).observe(element(id));
    (element(id) as HTMLElement & { chart?: ECharts }).chart = chart; // for tests
  }
  chart.setOption({ animation: false, ...option }, { notMerge: true, lazyUpdate: true });
}

export function number_text(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined ? '–' : String(Number(value.toPrecision(digits)));
}

export function seconds_text(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 1e-3) return `${number_text(seconds * 1e6)} µs`;
  if (seconds < 1) return `${number_text(seconds * 1e3)} ms`;
  if (seconds < 120) return `${number_text(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

export function bytes_text(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    ++unit;
  }
  return `${number_text(bytes)} ${units[unit]}`;
}

export function show_numbers(numbers: [string, string][]): void {
  const list = element('numbers');
  list.replaceChildren(
    ...numbers.map(([name, value]) => {
      const entry = document.createElement('div');
      const term = document.createElement('dt');
      const text = document.createElement('dd');
      term.textContent = name;
      text.textContent = value;
      entry.append(term, text);
      return entry;
    }),
  );
}

// A square for each, whose look is its class.
export function show_squares(id: string, looks: string[], titles: (i: number) => string): void {
  const box = element(id);
  while (box.childElementCount > looks.length) box.lastElementChild?.remove();
  while (box.childElementCount < looks.length) box.append(document.createElement('i'));
  looks.forEach((look, i) => {
    const square = box.children[i] as HTMLElement;
    if (square.className === look) return;
    square.className = look;
    square.title = titles(i);
  });
}

export function show_legend(id: string, entries: [string, string, number][]): void {
  element(id).replaceChildren(
    ...entries.map(([look, name, count]) => {
      const entry = document.createElement('span');
      const key = document.createElement('i');
      key.className = `key ${look}`;
      entry.append(key, `${name} ${count}`);
      return entry;
    }),
  );
}

export function show_list(id: string, lines: string[]): void {
  element(id).replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement('li');
      item.textContent = line;
      return item;
    }),
  );
}
