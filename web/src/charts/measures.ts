// What runs are measured by: names, units.
import { bytes, dollars, integer, seconds, short } from '../format';
import { Basis, Measure } from '../series';
import { Control, View } from './chart';

export interface MeasureName {
  value: Measure;
  label: string;
  axis: string;
  format: (value: number) => string;
}

export const measures: MeasureName[] = [
  { value: 'round', label: 'rounds', axis: 'rounds', format: integer },
  { value: 'virtual_s', label: 'time', axis: "seconds of the fleet's clock", format: seconds },
  { value: 'solving_s', label: 'time without start-up', axis: 'seconds since the fleet was ready', format: seconds },
  { value: 'wall_s', label: 'wall time', axis: 'seconds of wall time', format: seconds },
  { value: 'bytes', label: 'bytes', axis: 'bytes sent, up and down', format: bytes },
  { value: 'worker_s', label: 'worker-seconds', axis: 'worker-seconds', format: seconds },
  { value: 'dollars', label: 'dollars', axis: 'dollars at list price', format: dollars },
];

export function measure_of(value: string): MeasureName {
  return measures.filter((m) => m.value === value)[0] || measures[0];
}

export function time_axis(basis: Basis): string {
  return basis === 'virtual_s' ? 'seconds, start-up included' : 'seconds, without start-up';
}

export function setting_control(view: View, key = 'setting'): Control {
  const settings = view.model.settings;
  let most = settings[0];
  let count = 0;
  for (const setting of settings) {
    const own = view.model.groups.filter((g) => g.setting === setting).length;
    if (own >= count) {
      count = own;
      most = setting;
    }
  }
  return {
    key, label: 'setting', told: true, options: settings.map((s) => ({ value: s.key, label: s.label })), initial: most ? most.key : '',
  };
}

// A setting but for its number of workers.
export function rest_control(view: View): Control {
  const seen: { [key: string]: boolean } = {};
  const options: { value: string; label: string }[] = [];
  for (const setting of view.model.settings) {
    if (!seen[' ' + setting.rest]) options.push({ value: setting.rest, label: setting.rest_label });
    seen[' ' + setting.rest] = true;
  }
  // What was run with the most numbers of workers, and of that what most was run in.
  let most = options.length ? options[0].value : '';
  let best = -1;
  for (const option of options) {
    const own = view.model.settings.filter((s) => s.rest === option.value);
    const groups = view.model.groups.filter((g) => own.indexOf(g.setting) >= 0).length;
    if (1000 * own.length + groups > best) {
      best = 1000 * own.length + groups;
      most = option.value;
    }
  }
  return { key: 'rest', label: 'setting', told: true, options, initial: most };
}

export function distinct(numbers: number[]): number[] {
  const sorted = numbers.slice().sort((a, b) => a - b);
  return sorted.filter((n, i) => i === 0 || n !== sorted[i - 1]);
}

export const plain = short;
