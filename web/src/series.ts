// What the runs of a document have in common, and what they are compared by.
//
// A *setting* is what is asked of everyone: data, loss, fleet, stragglers, W. A *contestant* is an answer: a protocol and
// its options. A *group* is a contestant in a setting: its runs differ by seeds alone.
import { Document, OptionValue, Run, Series, Value } from './data';
import { Look, look_of, builtin_protocols } from './theme';

// Options that say nothing about the numbers of a run.
const silent = [
  'output', 'overwrite', 'on-full-disk', 'json', 'quiet', 'progress', 'checkpoint', 'every', 'resume', 'serve', 'trace', 'config',
  'worker', 'listen', 'run-id', 'threads', 'reference', 'print-config',
];
const seeds = ['seed', 'shuffle-seed'];
const setting_options = [
  'data', 'synthetic', 'features', 'loss', 'regularizer', 'fleet', 'fleet-model', 'straggler', 'workers', 'latency', 'bandwidth',
  'coordinator-bandwidth', 'service-time', 'masters', 'cold-start', 'invoke-rate', 'memory-mb', 'function-timeout', 'faults',
  'seconds-per-operation',
];

export interface Setting {
  key: string;
  label: string;
  workers: number;
  data: string;
  straggler: string;
  varying: { [option: string]: string }; // the options that tell settings apart
  rest: string; // all that does, but for W
  rest_label: string;
}

export interface Contestant {
  key: string;
  label: string;
  protocol: string;
  look: Look;
  variant: number; // among those of its protocol
  varying: { [option: string]: OptionValue };
}

export interface Group {
  key: string;
  setting: Setting;
  contestant: Contestant;
  runs: Run[];
}

export interface Model {
  document: Document;
  settings: Setting[];
  contestants: Contestant[];
  groups: Group[];
  protocols: string[];
  facets: { option: string; values: string[] }[]; // options of settings and contestants that vary
  unfinished: Run[]; // no numbers of them are used
}

export function text_of(value: OptionValue | undefined): string {
  if (value === undefined || value === null) return '';
  return String(value);
}

function is_in(list: string[], value: string): boolean {
  return list.indexOf(value) >= 0;
}

function base_name(path: string): string {
  const parts = path.split('/');
  return parts[parts.length - 1].replace(/\.(svm|svmlight|txt)?(\.(gz|xz))?$/, '') || path;
}

export function data_name(run: Run): string {
  const data = run.result && (run.result['data'] as { name?: string } | undefined);
  if (data && data.name) return base_name(data.name);
  if (run.options['data']) return base_name(text_of(run.options['data']));
  return run.options['synthetic'] ? 'synthetic:' + text_of(run.options['synthetic']) : 'synthetic';
}

export function number_of(run: Run, field: string): number | null {
  const value = run.result ? run.result[field] : null;
  return typeof value === 'number' && isFinite(value) ? value : null;
}

export function workers_of(run: Run): number {
  return Number(run.options['workers'] || number_of(run, 'workers') || 0);
}

// Values by the options that differ in `runs`; an option that a run does not have does not differ by that.
function varying_options(runs: Run[], of: (name: string) => boolean): string[] {
  const first: { [name: string]: string } = {};
  const varies: { [name: string]: boolean } = {};
  const order: string[] = [];
  for (const run of runs) {
    for (const name of Object.keys(run.options)) {
      if (!of(name)) continue;
      const value = text_of(run.options[name]);
      if (!(name in first)) {
        first[name] = value;
        order.push(name);
      } else if (first[name] !== value) {
        varies[name] = true;
      }
    }
  }
  return order.filter((name) => varies[name]);
}

function group_by<T>(items: T[], key: (item: T) => string): { key: string; items: T[] }[] {
  const places: { [key: string]: number } = {};
  const groups: { key: string; items: T[] }[] = [];
  for (const item of items) {
    const k = ' ' + key(item);
    if (!(k in places)) {
      places[k] = groups.length;
      groups.push({ key: k.slice(1), items: [] });
    }
    groups[places[k]].items.push(item);
  }
  return groups;
}

// A straggler model without its parameters, where that tells it apart from the others.
function short_straggler(spec: string, all: string[]): string {
  const kind = spec.split(':')[0];
  return all.filter((other) => other.split(':')[0] === kind).length > 1 ? spec : kind;
}

function natural(a: string, b: string): number {
  const x = Number(a);
  const y = Number(b);
  if (a !== '' && b !== '' && !isNaN(x) && !isNaN(y)) return x - y;
  if (a === 'none' || b === 'none') return a === b ? 0 : a === 'none' ? -1 : 1;
  const parts_a = a.split(/(\d+\.?\d*(?:e[+-]?\d+)?)/);
  const parts_b = b.split(/(\d+\.?\d*(?:e[+-]?\d+)?)/);
  for (let i = 0; i < Math.min(parts_a.length, parts_b.length); ++i) {
    if (parts_a[i] === parts_b[i]) continue;
    const m = Number(parts_a[i]);
    const n = Number(parts_b[i]);
    if (i % 2 === 1 && !isNaN(m) && !isNaN(n)) return m - n;
    return parts_a[i] < parts_b[i] ? -1 : 1;
  }
  return parts_a.length - parts_b.length;
}

function unique(values: string[]): string[] {
  return group_by(values, (v) => v).map((g) => g.key);
}

// The value of an option that varies within a protocol. One that is set as a share of W is written so, which
// makes it one contestant at every W.
function share_of_workers(runs: Run[], option: string): ((run: Run) => string) {
  const plain = (run: Run) => text_of(run.options[option]);
  const share = (run: Run) => {
    const value = Number(run.options[option]);
    const workers = workers_of(run);
    if (!(value > 0) || workers % value !== 0) return plain(run);
    return value === workers ? 'W' : 'W/' + workers / value;
  };
  const fewer = unique(runs.map(share)).length < unique(runs.map(plain)).length;
  return fewer && unique(runs.map((r) => String(workers_of(r)))).length > 1 ? share : plain;
}

const short_names: { [option: string]: string } = { workers: 'W', tau: 'tau', data: '', 'fleet-model': 'fleet', straggler: '' };

function option_label(option: string, value: string): string {
  const name = option in short_names ? short_names[option] : option;
  return name ? name + '=' + value : value;
}

// Of options that go together one is named: a fleet model, say, and none of what it brings along.
function telling(names: string[], runs: Run[], value_of: (run: Run, name: string) => string): string[] {
  const count = (...of: string[]) => unique(runs.map((run) => of.map((name) => value_of(run, name)).join('\n'))).length;
  const first = ['workers', 'data', 'fleet-model'];
  const rank = (name: string) => (is_in(first, name) ? first.length - first.indexOf(name) : 0);
  const order = names.slice().sort((a, b) => rank(b) - rank(a) || count(b) - count(a) || names.indexOf(a) - names.indexOf(b));
  const kept: string[] = [];
  for (const name of order) if (count(...kept, name) > count(...kept)) kept.push(name);
  return names.filter((name) => is_in(kept, name));
}

export function build_model(document: Document): Model {
  const runs = document.runs.filter((run) => run.status === 'finished' && run.series && run.series.round.length > 0);
  const unfinished = document.runs.filter((run) => runs.indexOf(run) < 0);
  const is_setting = (name: string) => is_in(setting_options, name);
  const is_contestant = (name: string) =>
    !is_setting(name) && !is_in(silent, name) && !is_in(seeds, name) && name !== 'protocol' && name !== 'shards';

  // Settings.
  const varying_names = varying_options(runs, (name) => is_setting(name) && name !== 'data' && name !== 'synthetic');
  const several_data = unique(runs.map(data_name)).length > 1;
  if (several_data) varying_names.unshift('data');
  const stragglers = unique(runs.map((run) => text_of(run.options['straggler'])));
  const value_of = (run: Run, name: string) => {
    if (name === 'data') return data_name(run);
    if (name === 'straggler') return short_straggler(text_of(run.options[name]) || 'none', stragglers);
    return text_of(run.options[name]);
  };
  const setting_names = telling(varying_names, runs, value_of);
  const setting_of = (run: Run) => setting_names.map((name) => name + '=' + value_of(run, name)).join('\n');
  const setting_groups = group_by(runs, setting_of);
  setting_groups.sort((a, b) => {
    for (const name of setting_names) {
      const order = natural(value_of(a.items[0], name), value_of(b.items[0], name));
      if (order !== 0) return order;
    }
    return 0;
  });

  // Contestants: of each protocol, the options that differ within a setting.
  const protocols = unique(runs.map((run) => text_of(run.options['protocol']))).sort((a, b) => {
    const i = builtin_protocols.indexOf(a);
    const j = builtin_protocols.indexOf(b);
    if (i < 0 && j < 0) return natural(a, b);
    return (i < 0 ? builtin_protocols.length : i) - (j < 0 ? builtin_protocols.length : j);
  });
  const contestants: Contestant[] = [];
  const contestant_facets: { [option: string]: string[] } = {};
  const contestant_of: { [id: string]: Contestant } = {};
  let unknown = 0;
  for (const protocol of protocols) {
    const look = look_of(protocol, unknown);
    if (!is_in(builtin_protocols, protocol)) unknown += 1;
    const own = runs.filter((run) => text_of(run.options['protocol']) === protocol);
    let names: string[] = [];
    for (const group of group_by(own, setting_of)) names = names.concat(varying_options(group.items, is_contestant));
    names = unique(names);
    const write: { [name: string]: (run: Run) => string } = {};
    for (const name of names) write[name] = share_of_workers(own, name);
    names = telling(names, own, (run, name) => write[name](run));
    const found = group_by(own, (run) => names.map((name) => write[name](run)).join('\n'));
    found.sort((a, b) => {
      for (const name of names) {
        const order = natural(write[name](a.items[0]), write[name](b.items[0]));
        if (order !== 0) return order;
      }
      return 0;
    });
    found.forEach((entry, variant) => {
      const sample = entry.items[0];
      const varying: { [option: string]: OptionValue } = {};
      for (const name of names) {
        if (sample.options[name] === undefined) continue;
        varying[name] = write[name](sample);
        contestant_facets[name] = unique((contestant_facets[name] || []).concat([write[name](sample)]));
      }
      const details = Object.keys(varying).map((name) => option_label(name, text_of(varying[name])));
      const contestant: Contestant = {
        key: protocol + '\n' + entry.key, label: [protocol].concat(details).join(' '), protocol, look, variant, varying,
      };
      contestants.push(contestant);
      for (const run of entry.items) contestant_of[run.id + run.folder] = contestant;
    });
  }

  const settings: Setting[] = [];
  const groups: Group[] = [];
  for (const entry of setting_groups) {
    const sample = entry.items[0];
    const varying: { [option: string]: string } = {};
    for (const name of setting_names) varying[name] = value_of(sample, name);
    const rest = setting_names.filter((name) => name !== 'workers');
    // The stragglers of a fleet model of the same name are not told twice.
    const label_of = (names: string[]) =>
      names.filter((name) => name !== 'straggler' || varying[name] !== varying['fleet-model']).map((name) => option_label(name, varying[name])).join(' \u00b7 ');
    const setting: Setting = {
      key: entry.key,
      label: label_of(setting_names) || data_name(sample),
      workers: workers_of(sample),
      data: data_name(sample),
      straggler: value_of(sample, 'straggler'),
      varying,
      rest: rest.map((name) => name + '=' + varying[name]).join('\n'),
      rest_label: label_of(rest) || data_name(sample),
    };
    settings.push(setting);
    for (const contestant of contestants) {
      const own = entry.items.filter((run) => contestant_of[run.id + run.folder] === contestant);
      if (own.length > 0) groups.push({ key: setting.key + '\n\n' + contestant.key, setting, contestant, runs: own });
    }
  }

  const facets = setting_names
    .map((option) => ({ option, values: unique(settings.map((s) => s.varying[option])).sort(natural) }))
    .concat(Object.keys(contestant_facets).map((option) => ({ option, values: contestant_facets[option].sort(natural) })));
  return { document, settings, contestants, groups, protocols, facets, unfinished };
}

// The part of a model that `keeps`; colours and markers stay what they are.
export function filter_model(model: Model, keeps: (group: Group) => boolean): Model {
  const groups = model.groups.filter(keeps);
  return {
    ...model,
    groups,
    settings: model.settings.filter((s) => groups.some((g) => g.setting === s)),
    contestants: model.contestants.filter((c) => groups.some((g) => g.contestant === c)),
    protocols: model.protocols.filter((p) => groups.some((g) => g.contestant.protocol === p)),
  };
}

export type Measure = 'round' | 'virtual_s' | 'solving_s' | 'wall_s' | 'bytes' | 'worker_s' | 'dollars';
export type Basis = 'virtual_s' | 'solving_s'; // time with the start-up of the fleet, or without

// What had been spent at the first recorded round within `gap`; Infinity where there is none, NaN where the
// measure or the gap is not known.
export function spent_to_gap(run: Run, gap: number, measure: Measure): number {
  const series = run.series as Series;
  const gaps = series.gap;
  let known = false;
  for (let i = 0; i < gaps.length; ++i) {
    const value = gaps[i];
    if (value === null) continue;
    known = true;
    if (value <= gap) {
      const spent = series[measure][i];
      return spent === null || spent === undefined ? NaN : spent;
    }
  }
  return known ? Infinity : NaN;
}

// What the whole run took.
export function spent(run: Run, measure: Measure): number {
  const column = (run.series as Series)[measure];
  const last = column[column.length - 1];
  return last === null || last === undefined ? NaN : last;
}

export function known(values: number[]): number[] {
  return values.filter((v) => !isNaN(v));
}

export function to_gap(group: Group, gap: number, measure: Measure): number[] {
  return known(group.runs.map((run) => spent_to_gap(run, gap, measure)));
}

export function finite(values: Value[] | undefined | null): number[] {
  return (values || []).filter((v): v is number => v !== null && isFinite(v));
}

export function best_gap(run: Run): number {
  return finite((run.series as Series).gap).reduce((least, v) => Math.min(least, v), Infinity);
}

export function has_gaps(model: Model): boolean {
  return model.groups.some((g) => g.runs.some((run) => isFinite(best_gap(run))));
}

// 1, 5, 2 a decade, from 1e-1 down to what the best run has; and the gap that the report was made for.
export function gap_steps(model: Model): number[] {
  const gap = model.document.gap;
  const steps = decade_steps(model);
  return gap && steps.indexOf(gap) < 0 ? steps.concat([gap]).sort((a, b) => b - a) : steps;
}

function decade_steps(model: Model): number[] {
  let least = 1e-3;
  for (const group of model.groups) {
    for (const run of group.runs) {
      const best = best_gap(run);
      if (best > 0) least = Math.min(least, best);
    }
  }
  const steps: number[] = [];
  for (let decade = 1; decade <= 14; ++decade) {
    for (const digit of [10, 5, 2]) {
      const step = Number(digit === 10 ? '1e-' + decade : digit + 'e-' + (decade + 1));
      if (step < least && steps.length > 3) return steps;
      steps.push(step);
    }
  }
  return steps;
}

// The gap that the report was made for; else the smallest step that three quarters of the runs reach.
export function usual_gap(model: Model): number {
  if (model.document.gap) return model.document.gap;
  const steps = gap_steps(model);
  const bests: number[] = [];
  for (const group of model.groups) {
    for (const run of group.runs) if (finite((run.series as Series).gap).length > 0) bests.push(best_gap(run));
  }
  let usual = steps[0];
  for (const step of steps) {
    if (bests.length > 0 && bests.filter((b) => b <= step).length >= 0.75 * bests.length) usual = step;
  }
  return usual;
}

export const natural_order = natural;
