// How each run is made again, and what tells that it was the same.
import { Run } from '../data';
import { Group, Model, number_of, text_of, workers_of } from '../series';
import { marker } from './dom';
import { entry_of } from '../charts/style';
import { h } from './dom';

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h('textarea', { class: 'hidden' }, text);
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  button.textContent = 'copied';
  setTimeout(() => (button.textContent = 'copy'), 1500);
}

function command(text: string): HTMLElement {
  const button = h('button', { type: 'button', class: 'copy', 'aria-label': 'Copy the command' }, 'copy');
  button.addEventListener('click', () => void copy(text, button));
  return h('div', { class: 'command' }, h('code', {}, text), button);
}

function field(run: Run, name: string): string {
  const value = run.result[name];
  return value === null || value === undefined ? '' : String(value);
}

function runs_table(runs: Run[]): HTMLElement {
  const heads = ['seed', 'id', 'status', 'stopped by', 'rounds', 'schedule digest', 'iterate digest', 'folder'];
  return h('div', { class: 'numbers', tabindex: 0, role: 'region', 'aria-label': 'runs' }, h('table', {},
    h('thead', {}, h('tr', {}, ...heads.map((c) => h('th', { scope: 'col' }, c)))),
    h('tbody', {}, ...runs.map((run) => h('tr', {},
      h('td', { class: 'number' }, text_of(run.options['seed'])), h('td', {}, h('code', {}, run.id)), h('td', {}, run.status), h('td', {}, field(run, 'stop_reason')),
      h('td', { class: 'number' }, String(number_of(run, 'rounds') ?? '')), h('td', {}, h('code', {}, field(run, 'schedule_digest'))), h('td', {}, h('code', {}, field(run, 'iterate_digest'))), h('td', {}, h('code', {}, run.folder)))))));
}

function group_details(group: Group): HTMLElement {
  const details = h('details', {}, h('summary', {}, marker(entry_of(group.contestant)), h('span', {}, group.contestant.label), h('span', { class: 'where' }, group.setting.label), h('span', { class: 'count' }, `${group.runs.length} run${group.runs.length > 1 ? 's' : ''}`)));
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) details.append(command(group.runs[0].command), runs_table(group.runs));
  });
  return details;
}

function distinct(values: string[]): string[] {
  return [...new Set(values.filter((v) => v))];
}

// What is the same for all is said once, what differs is listed.
function facts(model: Model): HTMLElement {
  const runs = model.document.runs;
  const environment = (name: string) => distinct(runs.map((r) => {
    const e = r.result['environment'] as { [name: string]: unknown } | undefined;
    const value = e ? e[name] : undefined;
    return value === undefined || value === null ? '' : typeof value === 'object' ? Object.entries(value).map(([k, v]) => `${k} ${v}`).join(', ') : String(value);
  }));
  const data = distinct(runs.map((r) => {
    const d = r.result['data'] as { name?: string; samples?: number; features?: number; nonzeros?: number; sha256?: string } | undefined;
    return d ? `${d.name ?? 'synthetic'}: ${d.samples} samples, ${d.features} features, ${d.nonzeros} nonzeros${d.sha256 ? `, sha256 ${d.sha256}` : ''}` : '';
  }));
  const optimum = distinct(runs.map((r) => (r.phi_star === null ? '' : `${r.phi_star} (${r.phi_star_from}) for ${(r.result['data'] as { name?: string } | undefined)?.name ?? 'the instance'}`)));
  const rows: [string, string[]][] = [
    ['version', distinct(runs.map((r) => field(r, 'version')).concat(model.document.version))], ['revision', environment('git_revision')], ['compiler', environment('compiler')], ['build', environment('build_type')],
    ['libraries', environment('libraries')], ['processor', environment('cpu')], ['started', runs.length ? [span(runs)] : []], ['seeds', [distinct(runs.map((r) => text_of(r.options['seed']))).sort((a, b) => Number(a) - Number(b)).join(', ')]],
    ['workers', [distinct(runs.map((r) => String(workers_of(r)))).sort((a, b) => Number(a) - Number(b)).join(', ')]], ['data', data], ['optimum', optimum.slice(0, 12)],
  ];
  return h('dl', { class: 'facts' }, ...rows.filter(([, values]) => values.some((v) => v)).flatMap(([name, values]) => [h('dt', {}, name), h('dd', {}, ...values.map((v) => h('div', {}, v)))]));
}

function span(runs: Run[]): string {
  const times = distinct(runs.map((r) => field(r, 'started'))).sort();
  return times.length === 0 ? '' : times.length === 1 ? times[0] : `${times[0]} to ${times[times.length - 1]}`;
}

export function reproduce(model: Model): HTMLElement {
  const others = model.unfinished;
  return h('div', {},
    h('article', { class: 'card wide', id: 'reproduce-card' },
      facts(model),
      h('p', { class: 'caption' }, 'A run is made again from its folder by ', h('code', {}, 'runner --config FOLDER/run.json'), ', or by its command. The digests must be the same.'),
      h('div', { class: 'groups' }, ...model.groups.map(group_details)),
      others.length > 0 ? h('details', { class: 'unfinished' }, h('summary', {}, `${others.length} run${others.length > 1 ? 's' : ''} without numbers: not finished, or failed`), runs_table(others)) : null));
}
