// What a chart is: a pure function from the data that is looked at to an option of ECharts, with the same numbers as a table.
import { Basis, Model } from '../series';
import { Inks } from '../theme';
import { Option } from '../option';

export interface View {
  model: Model;
  gap: number;
  basis: Basis;
  inks: Inks;
  narrow: boolean;
}

export type Choices = { [key: string]: string };

export interface Control {
  key: string;
  label: string;
  options: { value: string; label: string }[];
  initial: string;
  told?: boolean; // beneath the title of a picture: what the axes do not say
}

export interface Table {
  columns: string[];
  rows: (string | number | null)[][];
}

// An entry of the legend stands for all series of its name.
export interface Entry {
  name: string;
  colour: string;
  symbol?: string;
  dash?: string | number[];
  hollow?: boolean;
}

export interface Drawing {
  option: Option;
  table: Table;
  legend: Entry[];
  summary: string; // for those who do not see it
  note?: string;
  time?: string; // which time, to which gap
  height?: number;
}

export interface Missing {
  needs: string;
}

export interface Chart {
  name: string;
  title: string;
  caption: string;
  wide?: boolean;
  controls?: (view: View) => Control[];
  draw: (view: View, choices: Choices) => Drawing | Missing;
}

export function is_missing(drawn: Drawing | Missing): drawn is Missing {
  return 'needs' in drawn;
}

// What a picture says beneath its title: which runs it shows, and which time of theirs.
export function subtitle(chart: Chart, drawing: Drawing, view: View, choices: Choices): string {
  const parts: string[] = [];
  for (const control of chart.controls ? chart.controls(view) : []) {
    const chosen = control.options.filter((o) => o.value === choices[control.key])[0];
    if (control.told && chosen) parts.push(chosen.label);
  }
  if (drawing.time) parts.push(drawing.time);
  return parts.join(' \u00b7 ');
}

// The choices of a chart where the reader has made none, or one that is no longer there.
export function settle(chart: Chart, view: View, made: Choices): Choices {
  const choices: Choices = {};
  for (const control of chart.controls ? chart.controls(view) : []) {
    const value = made[control.key];
    choices[control.key] = control.options.some((o) => o.value === value) ? value : control.initial;
  }
  return choices;
}
