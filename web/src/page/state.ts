// What the reader looks at, and who wants to know of it.
import { View } from '../charts/chart';
import { Basis, Group, Model, filter_model, gap_steps, usual_gap } from '../series';
import { dark, light } from '../theme';

export interface State {
  all: Model;
  steps: number[];
  gap: number;
  basis: Basis;
  search: string;
  hidden: { [option: string]: Set<string> }; // values that are filtered out, by option; 'protocol' is one
  is_dark: boolean;
}

export type Change = 'gap' | 'filter' | 'theme' | 'layout';

export class Store {
  readonly state: State;
  private listeners: ((change: Change) => void)[] = [];
  private kept: Model;

  constructor(model: Model) {
    this.state = {
      all: model, steps: gap_steps(model), gap: usual_gap(model), basis: 'virtual_s', search: '', hidden: {}, is_dark: false,
    };
    this.kept = model;
  }

  on_change(listener: (change: Change) => void): void {
    this.listeners.push(listener);
  }

  update(part: Partial<State>, change: Change): void {
    Object.assign(this.state, part);
    if (change === 'filter') this.kept = filter_model(this.state.all, (group) => this.keeps(group));
    for (const listener of this.listeners) listener(change);
  }

  hide(option: string, value: string, hidden: boolean): void {
    const values = new Set(this.state.hidden[option] || []);
    if (hidden) values.add(value);
    else values.delete(value);
    this.update({ hidden: { ...this.state.hidden, [option]: values } }, 'filter');
  }

  filters(): number {
    return Object.values(this.state.hidden).reduce((n, values) => n + values.size, 0) + (this.state.search ? 1 : 0);
  }

  view(): View {
    return {
      model: this.kept, gap: this.state.gap, basis: this.state.basis, inks: this.state.is_dark ? dark : light, narrow: window.innerWidth < 900,
    };
  }

  private keeps(group: Group): boolean {
    const hidden = this.state.hidden;
    const is_hidden = (option: string, value: string | undefined) => value !== undefined && !!hidden[option] && hidden[option].has(value);
    if (is_hidden('protocol', group.contestant.protocol)) return false;
    for (const [option, value] of Object.entries(group.setting.varying)) if (is_hidden(option, value)) return false;
    for (const [option, value] of Object.entries(group.contestant.varying)) if (is_hidden(option, String(value))) return false;
    const words = this.state.search.toLowerCase().split(/\s+/).filter((w) => w);
    const text = (group.contestant.label + ' ' + group.setting.label + ' ' + group.setting.data).toLowerCase();
    return words.every((word) => text.includes(word));
  }
}
