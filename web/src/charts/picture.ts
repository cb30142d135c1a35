// A chart as a picture of its own: with its title and its legend.
import { Option } from '../option';
import { Chart, Choices, Drawing, View, subtitle } from './chart';
import { font } from './style';

export interface Size {
  width: number;
  height: number;
}

const title_height = 34;
const subtitle_height = 17;
const legend_row = 20;

function legend_rows(drawing: Drawing, width: number): number {
  if (drawing.legend.length < 1) return 0;
  let rows = 1;
  let used = 0;
  for (const entry of drawing.legend) {
    const own = 36 + 6.8 * entry.name.length;
    if (used > 0 && used + own > width - 40) {
      rows += 1;
      used = 0;
    }
    used += own;
  }
  return rows;
}

function shifted(percent: unknown, head: number, height: number): unknown {
  const share = /^([\d.]+)%$/.exec(String(percent));
  return share ? head + (Number(share[1]) / 100) * height : percent;
}

export function as_picture(chart: Chart, drawing: Drawing, view: View, choices: Choices, size: Size): { option: Option; size: Size } {
  const rows = legend_rows(drawing, size.width);
  const subtext = subtitle(chart, drawing, view, choices);
  const legend_top = title_height + (subtext ? subtitle_height : 0);
  const head = legend_top + rows * legend_row;
  const title: Option = {
    text: chart.title, subtext, left: 16, top: 10, padding: 0, itemGap: 5,
    textStyle: { fontFamily: font, fontSize: 15, lineHeight: 18, fontWeight: 600, color: view.inks.text },
    subtextStyle: { fontFamily: font, fontSize: 12, color: view.inks.muted },
  };
  const option: Option = { ...drawing.option, backgroundColor: view.inks.surface, dataZoom: undefined };
  option.legend = { ...(drawing.option.legend as Option), show: rows > 0, top: legend_top - 2, left: 12, padding: 4 };
  const grid = drawing.option.grid;
  if (grid instanceof Array) {
    option.grid = grid.map((g: Option) => ({ ...g, top: shifted(g.top, head, size.height), height: shifted(g.height, 0, size.height) }));
    option.title = [title].concat(
      ((drawing.option.title as Option[]) || []).map((t) => ({ ...t, top: shifted(t.top, head, size.height) })),
    );
  } else {
    option.grid = { ...(grid as Option), top: head + Number((grid as Option).top) };
    option.title = title;
  }
  return { option, size: { width: size.width, height: size.height + head } };
}
