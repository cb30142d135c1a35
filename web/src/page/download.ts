// A chart as a file: SVG, PNG or CSV.
import { Chart, Choices, Drawing, Table, View } from '../charts/chart';
import { as_picture } from '../charts/picture';
import { echarts } from '../echarts';

export function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function cell(value: string | number | null): string {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return '';
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

export function csv_of(table: Table): string {
  return [table.columns, ...table.rows].map((row) => row.map(cell).join(',')).join('\n') + '\n';
}

export function save_csv(name: string, table: Table): void {
  save(`${name}.csv`, new Blob([csv_of(table)], { type: 'text/csv' }));
}

export function save_svg(chart: Chart, drawing: Drawing, view: View, choices: Choices, width: number, hidden: { [name: string]: boolean }): void {
  const picture = as_picture(chart, drawing, view, choices, { width, height: drawing.height || 340 });
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, ...picture.size });
  instance.setOption(with_selected(picture.option, hidden));
  const text = instance.renderToSVGString();
  instance.dispose();
  save(`${chart.name}.svg`, new Blob([text], { type: 'image/svg+xml' }));
}

export async function save_png(chart: Chart, drawing: Drawing, view: View, choices: Choices, width: number, hidden: { [name: string]: boolean }): Promise<void> {
  const picture = as_picture(chart, drawing, view, choices, { width, height: drawing.height || 340 });
  const canvas = document.createElement('canvas');
  const instance = echarts.init(canvas, null, { renderer: 'canvas', devicePixelRatio: 2, ...picture.size });
  instance.setOption(with_selected(picture.option, hidden));
  instance.getZr().flush();
  const blob = await new Promise<Blob | null>((done) => instance.renderToCanvas({ pixelRatio: 2 }).toBlob(done, 'image/png'));
  instance.dispose();
  if (blob) save(`${chart.name}.png`, blob);
}

function with_selected(option: { [key: string]: unknown }, hidden: { [name: string]: boolean }): { [key: string]: unknown } {
  const selected: { [name: string]: boolean } = {};
  for (const name of Object.keys(hidden)) if (hidden[name]) selected[name] = false;
  return { ...option, legend: { ...(option.legend as object), selected } };
}
