// The cells of a matrix as they go.
import { look_of } from '../theme';
import type { Matrix } from './document';
import { draw_chart, element, inks, seconds_text, show_legend, show_list, show_numbers, show_squares } from './parts';

const states: [string, string][] = [['done', 'done'], ['running', 'running'], ['failed', 'failed'], ['to_do', 'to do']];

export function draw_matrix(matrix: Matrix): void {
  element('matrix').hidden = false;
  document.title = element('title').textContent = `${matrix.title}, ${matrix.states.length} cells`;
  const count = (state: string) => matrix.states.filter((each) => each === state).length;
  show_numbers([
    ...states.map(([state, name]) => [name, String(count(state))] as [string, string]),
    ['wall time', seconds_text(matrix.wall_s)],
    ['left, about', seconds_text(matrix.seconds_left)],
  ]);
  show_legend('cell-legend', states.map(([state, name]) => [`c-${state}`, name, count(state)]));
  show_squares('cells', matrix.states.map((state) => `c-${state}`), (i) => `${matrix.labels[i]}: ${matrix.states[i]}`);
  show_list('running', matrix.running.map((cell) => `${cell.label}, ${seconds_text(cell.seconds)}`));
  show_list('failed', matrix.failed.map((cell) => `${cell.label}: ${cell.log}`));
  element('cell-curves-of').textContent = matrix.curves_of;
  const ink = inks();
  draw_chart('cell-curves', {
    grid: { left: 64, right: 16, top: 28, bottom: 40 },
    textStyle: { fontFamily: 'Inter', color: ink.text },
    tooltip: { trigger: 'item' },
    xAxis: {
      type: 'value', name: 'rounds', nameLocation: 'middle', nameGap: 24, axisLabel: { color: ink.muted },
      splitLine: { lineStyle: { color: ink.grid } },
    },
    yAxis: {
      type: 'log', axisLabel: { color: ink.muted, formatter: (value: number) => value.toExponential(0) },
      splitLine: { lineStyle: { color: ink.grid } },
    },
    series: matrix.curves.map((curve) => {
      const values = curve.gap.some((gap) => gap !== null) ? curve.gap : curve.primal;
      return {
        type: 'line', name: curve.label, showSymbol: false, color: look_of(curve.protocol).colour, lineStyle: { width: 1.5 },
        data: curve.round.map((round, k) => [round, (values[k] ?? 0) > 0 ? values[k] : null]),
      };
    }),
  });
}
