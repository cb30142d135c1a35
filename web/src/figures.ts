// The pictures of `runner report --figures`, drawn in Duktape: ES5, and no browser. The charts are those of the page.
import { all_charts } from './charts/all';
import { Chart, Choices, View, is_missing, settle } from './charts/chart';
import { as_picture } from './charts/picture';
import { Document } from './data';
import { echarts } from './echarts';
import { build_model, usual_gap } from './series';
import { light } from './theme';

interface Picture {
  name: string;
  title: string;
  svg: string;
}

// Without what a page would do with a mouse, and with names that do not count on from picture to picture.
function still(svg: string): string {
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
    .replace(/ class="[^"]*"/g, '')
    .replace(/ pointer-events="[^"]*"/g, '')
    .replace(/zr\d+-/g, 'z-')
    .replace(/\n\s*\n/g, '\n');
}

function draw(chart: Chart, name: string, view: View, made: Choices): Picture | null {
  const choices = settle(chart, view, made);
  const drawing = chart.draw(view, choices);
  if (is_missing(drawing)) return null;
  const picture = as_picture(chart, drawing, view, choices, { width: chart.wide ? 820 : 640, height: drawing.height || 340 });
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, width: picture.size.width, height: picture.size.height });
  instance.setOption(picture.option);
  const svg = still(instance.renderToSVGString());
  instance.dispose();
  return { name, title: chart.title, svg };
}

// Without a browser nothing can be measured: widths of Inter's letters, in shares of its size.
function width_of(text: string, font: string): number {
  const size = /(\d+(?:\.\d+)?)px/.exec(font);
  let width = 0;
  for (let i = 0; i < text.length; ++i) {
    const letter = text.charAt(i);
    width += /[ijl.,:;'|!]/.test(letter) ? 0.27 : /[frt()\[\] -]/.test(letter) ? 0.37 : /[mwMW@%]/.test(letter) ? 0.9 : /[A-Z]/.test(letter) ? 0.69 : 0.6;
  }
  return width * (size ? Number(size[1]) : 12);
}

echarts.setPlatformAPI({ measureText: (text: string, font?: string) => ({ width: width_of(text, font || '') }) as TextMetrics });

const against = ['round', 'virtual_s', 'solving_s', 'wall_s', 'bytes', 'worker_s', 'dollars'];

function figures(json: string): string {
  const model = build_model(JSON.parse(json) as Document);
  const view: View = { model, gap: usual_gap(model), basis: 'virtual_s', inks: light, narrow: false };
  const pictures: Picture[] = [];
  const keep = (picture: Picture | null) => {
    if (picture) pictures.push(picture);
  };
  if (model.groups.length > 0) {
    for (const chart of all_charts) {
      if (chart.name !== 'convergence') keep(draw(chart, chart.name, view, {}));
      else for (const x of against) keep(draw(chart, 'convergence_' + x, view, { x }));
    }
  }
  return JSON.stringify(pictures);
}

declare const globalThis: { laggardFigures: (json: string) => string };
globalThis.laggardFigures = figures;
