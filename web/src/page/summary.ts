// Who wins, and the table of all configurations.
import { entry_of } from '../charts/style';
import { bytes, dollars, integer, percent, power, seconds } from '../format';
import { Contestant, Group, Measure, Setting, best_gap, has_gaps, number_of, to_gap } from '../series';
import { Summary, median, summary } from '../statistics';
import { View } from '../charts/chart';
import { h, marker } from './dom';
import { save_csv } from './download';
import { Store } from './state';

interface Column {
  key: string;
  label: string;
  title: string;
  format: (value: number) => string;
  of: (group: Group, view: View) => number[];
  wins?: boolean; // the least in a setting is marked
}

const spent = (measure: Measure) => (group: Group, view: View) => to_gap(group, view.gap, measure);

const columns: Column[] = [
  { key: 'startup', label: 'start-up', title: 'until every shard has a worker at work', format: seconds, of: (g) => g.runs.map((r) => number_of(r, 'startup_seconds')).filter((v): v is number => v !== null) },
  { key: 'solving', label: 'solving', title: 'from then on, to the gap', format: seconds, of: spent('solving_s'), wins: true },
  { key: 'time', label: 'time', title: 'start-up and solving, to the gap', format: seconds, of: spent('virtual_s'), wins: true },
  { key: 'rounds', label: 'rounds', title: 'updates of z, to the gap', format: integer, of: spent('round'), wins: true },
  { key: 'bytes', label: 'bytes', title: 'sent up and down, to the gap', format: bytes, of: spent('bytes'), wins: true },
  { key: 'dollars', label: 'dollars', title: 'at list price, to the gap', format: dollars, of: spent('dollars'), wins: true },
  { key: 'gap', label: 'best gap', title: 'the least that was reached', format: power, of: (g) => g.runs.map(best_gap).filter((v) => isFinite(v)) },
];

interface Row {
  group: Group;
  cells: { [column: string]: Summary };
  reached: number;
  wins: { [column: string]: boolean };
}

// The rows of a view; of each setting the least median of each column is marked, where there is a choice.
export function summary_rows(view: View): Row[] {
  const rows = view.model.groups.map((group): Row => {
    const cells: { [column: string]: Summary } = {};
    for (const column of columns) cells[column.key] = summary(column.of(group, view));
    return { group, cells, reached: to_gap(group, view.gap, 'round').filter((v) => isFinite(v)).length, wins: {} };
  });
  for (const setting of view.model.settings) {
    const own = rows.filter((row) => row.group.setting === setting);
    if (own.length < 2) continue;
    for (const column of columns) {
      if (!column.wins) continue;
      const best = Math.min(...own.map((row) => row.cells[column.key].median).filter((v) => !isNaN(v)));
      if (isFinite(best)) for (const row of own) row.wins[column.key] = row.cells[column.key].median === best;
    }
  }
  return rows;
}

interface Victory {
  contestant: Contestant;
  settings: Setting[];
}

function victories(rows: Row[], column: string): { won: Victory[]; of: number } {
  const won: Victory[] = [];
  const settings = new Set<Setting>();
  for (const row of rows) {
    if (!row.wins[column]) continue;
    settings.add(row.group.setting);
    const known = won.find((v) => v.contestant === row.group.contestant);
    if (known) known.settings.push(row.group.setting);
    else won.push({ contestant: row.group.contestant, settings: [row.group.setting] });
  }
  won.sort((a, b) => b.settings.length - a.settings.length);
  return { won, of: settings.size };
}

function winner_card(title: string, rows: Row[], column: Column): HTMLElement {
  const { won, of } = victories(rows, column.key);
  const card = h('div', { class: 'winner', 'data-winner': column.key }, h('h3', {}, title));
  if (won.length === 0) {
    card.append(h('p', { class: 'none' }, 'no two configurations in one setting reach the gap'));
    return card;
  }
  const first = won[0];
  card.append(h('p', { class: 'first' }, marker(entry_of(first.contestant), 17), h('span', {}, first.contestant.label)));
  if (of === 1) {
    const own = rows.filter((r) => r.group.setting === first.settings[0]).map((r) => r.cells[column.key].median).sort((a, b) => a - b);
    const ratio = own[1] / own[0];
    card.append(h('p', { class: 'why' }, column.format(own[0]), isFinite(ratio) && ratio > 1.005 ? h('span', {}, `; the next takes ${ratio.toPrecision(3)} times as much`) : null));
    return card;
  }
  card.append(h('p', { class: 'why' }, `least in ${first.settings.length} of ${of} settings`));
  const bar = h('div', { class: 'share', 'aria-hidden': 'true' });
  const total = won.reduce((n, v) => n + v.settings.length, 0);
  for (const v of won) {
    const part = h('span', { title: `${v.contestant.label}: ${v.settings.length}` });
    part.style.width = `${(100 * v.settings.length) / total}%`;
    part.style.background = v.contestant.look.colour;
    bar.append(part);
  }
  card.append(bar);
  const others = won.slice(1, 4).map((v) => h('li', {}, marker(entry_of(v.contestant), 11), `${v.contestant.label}`, h('b', {}, String(v.settings.length))));
  if (others.length) card.append(h('ul', {}, ...others));
  return card;
}

// With places where a long value may be broken.
function breakable(text: string): (Node | string)[] {
  return (text.match(/[^:,]*[:,]?/g) || []).filter((p) => p).flatMap((part, i) => (i > 0 ? [h('wbr'), part] : [part]));
}

function interval_text(cell: Summary, format: (v: number) => string): string {
  if (cell.count < 2 || cell.low === cell.high) return '';
  return `${format(cell.low)} \u2013 ${isFinite(cell.high) ? format(cell.high) : '\u221e'}`;
}

export class SummarySection {
  readonly element: HTMLElement;
  private winners = h('div', { class: 'winners' });
  private holder = h('div', { class: 'table-holder', tabindex: 0, role: 'region', 'aria-label': 'summary table' });
  private note = h('p', { class: 'note' });
  private order = { key: '', down: false };

  constructor(private store: Store) {
    const save = h('button', { type: 'button', 'data-save': 'csv', 'aria-label': 'Download the summary as CSV', onclick: () => this.save() }, 'CSV');
    this.element = h('div', {}, this.winners, h('article', { class: 'card wide', id: 'summary-table' }, this.holder, h('footer', {}, this.note, h('div', { class: 'actions' }, save))));
    this.draw();
  }

  draw(): void {
    const view = this.store.view();
    const rows = summary_rows(view);
    const time = columns.find((c) => c.key === (view.basis === 'virtual_s' ? 'time' : 'solving'))!;
    const of = (key: string) => columns.find((c) => c.key === key)!;
    this.winners.replaceChildren(
      winner_card(view.basis === 'virtual_s' ? 'Time' : 'Time without start-up', rows, time), winner_card('Rounds', rows, of('rounds')),
      winner_card('Bytes', rows, of('bytes')), winner_card('Dollars', rows, of('dollars')),
    );
    this.winners.hidden = !has_gaps(view.model) || view.model.settings.every((s) => view.model.groups.filter((g) => g.setting === s).length < 2);
    this.holder.replaceChildren(this.table(rows, view));
    const several = rows.some((row) => row.group.runs.length > 1);
    const confidences = rows.map((row) => row.cells.rounds.confidence).filter((c) => c > 0);
    const least = confidences.length ? Math.min(...confidences) : 0;
    this.note.replaceChildren(
      h('span', { class: 'best-key' }, '\u2605'), ' the least of its setting. ',
      several ? `Medians over seeds; below them the interval that holds the median with 95 %${least < 0.95 ? `, or all seeds where they are too few for that (with 5 seeds ${percent(0.9375)}, with 3 ${percent(0.75)})` : ''}.` : 'One run each.',
      ` To a gap of ${power(view.gap)}.`,
    );
  }

  private keys(view: View): { key: string; label: string; title: string; number: boolean }[] {
    const setting_names = view.model.facets.map((f) => f.option).filter((o) => view.model.settings.some((s) => o in s.varying));
    return [
      { key: 'configuration', label: 'configuration', title: 'protocol, and the options that differ', number: false },
      ...setting_names.map((o) => ({ key: 'setting ' + o, label: o === 'workers' ? 'W' : o, title: `--${o}`, number: o === 'workers' })),
      { key: 'runs', label: 'reached', title: 'how many of the runs reach the gap', number: true },
      ...columns.map((c) => ({ key: c.key, label: c.label, title: c.title, number: true })),
    ];
  }

  private sorted(rows: Row[]): Row[] {
    const { key, down } = this.order;
    if (!key) return rows;
    const value = (row: Row): number | string => {
      if (key === 'configuration') return row.group.contestant.label;
      if (key === 'runs') return row.reached / row.group.runs.length;
      if (key.startsWith('setting ')) {
        const text = row.group.setting.varying[key.slice(8)] || '';
        return text !== '' && !isNaN(Number(text)) ? Number(text) : text;
      }
      const m = row.cells[key].median;
      return isNaN(m) ? Infinity : m;
    };
    return rows.map((row, i) => ({ row, i, v: value(row) })).sort((a, b) => {
      if (a.v === b.v) return a.i - b.i;
      // What was not reached is last either way.
      if (a.v === Infinity || b.v === Infinity) return a.v === Infinity ? 1 : -1;
      return (a.v < b.v ? -1 : 1) * (down ? -1 : 1);
    }).map((x) => x.row);
  }

  private table(rows: Row[], view: View): HTMLElement {
    if (rows.length === 0) return h('p', { class: 'needs' }, 'No finished run is let through by the filters.');
    const heads = this.keys(view).map((column) => {
      const active = this.order.key === column.key;
      const sort = () => {
        this.order = active ? (this.order.down ? { key: '', down: false } : { key: column.key, down: true }) : { key: column.key, down: false };
        this.draw();
        this.holder.querySelector<HTMLElement>(`[data-sort="${column.key}"]`)?.focus();
      };
      const button = h('button', { type: 'button', title: column.title, 'data-sort': column.key, onclick: sort }, column.label, h('span', { 'aria-hidden': 'true', class: 'order' }, active ? (this.order.down ? '\u2193' : '\u2191') : ''));
      return h('th', { scope: 'col', class: column.number ? 'number' : null, 'aria-sort': active ? (this.order.down ? 'descending' : 'ascending') : 'none' }, button);
    });
    const setting_names = this.keys(view).filter((k) => k.key.startsWith('setting '));
    let before: Setting | null = null;
    const body = this.sorted(rows).map((row) => {
      const { group } = row;
      const starts = !this.order.key && before !== null && before !== group.setting;
      before = group.setting;
      return h('tr', { class: starts ? 'starts' : null },
        h('th', { scope: 'row' }, h('span', { class: 'who' }, marker(entry_of(group.contestant)), group.contestant.label)),
        ...setting_names.map((k) => h('td', { class: k.number ? 'number' : 'setting' }, ...breakable(group.setting.varying[k.key.slice(8)] ?? ''))),
        h('td', { class: 'number', 'data-column': 'runs' }, h('span', { class: row.reached < group.runs.length ? 'short' : null }, `${row.reached}/${group.runs.length}`)),
        ...columns.map((column) => {
          const cell = row.cells[column.key];
          const missing = !isFinite(cell.median);
          const text = isNaN(cell.median) ? '\u2013' : missing ? 'not reached' : column.format(cell.median);
          return h('td', { class: `number${row.wins[column.key] ? ' best' : ''}${missing ? ' absent' : ''}`, 'data-column': column.key, 'data-value': isFinite(cell.median) ? cell.median : null },
            h('span', { class: 'value' }, row.wins[column.key] ? h('span', { class: 'star', role: 'img', 'aria-label': 'least of its setting' }, '\u2605') : null, text),
            h('span', { class: 'interval' }, missing || column.key === 'gap' ? '' : interval_text(cell, column.format)));
        }));
    });
    return h('table', { class: 'summary' }, h('caption', { class: 'hidden' }, 'What each configuration took to the gap'), h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...body));
  }

  private save(): void {
    const view = this.store.view();
    const names = this.keys(view).filter((k) => k.key.startsWith('setting ')).map((k) => k.key.slice(8));
    save_csv('summary', {
      columns: ['configuration', ...names, 'runs', 'reached', ...columns.flatMap((c) => [c.key, `${c.key}_low`, `${c.key}_high`])],
      rows: this.sorted(summary_rows(view)).map((row) => [
        row.group.contestant.label, ...names.map((n) => row.group.setting.varying[n] ?? ''), row.group.runs.length, row.reached,
        ...columns.flatMap((c) => [row.cells[c.key].median, row.cells[c.key].low, row.cells[c.key].high]),
      ]),
    });
  }
}

// One sentence on what the report shows.
export function headline(view: View): string {
  const rows = summary_rows(view);
  const { won, of } = victories(rows, view.basis === 'virtual_s' ? 'time' : 'solving');
  if (won.length === 0) return '';
  const first = won[0];
  const gap = `To a relative gap of ${power(view.gap)}, `;
  if (of === 1) {
    const own = rows.filter((r) => r.group.setting === first.settings[0]).sort((a, b) => a.cells.time.median - b.cells.time.median);
    return `${gap}${first.contestant.label} is the fastest of ${own.length} configurations.`;
  }
  const sync = rows.filter((r) => r.group.contestant.protocol === 'sync' && r.group.contestant.variant === 0);
  const ratios = rows.filter((r) => r.group.contestant === first.contestant).map((r) => {
    const other = sync.find((s) => s.group.setting === r.group.setting);
    return other ? other.cells.time.median / r.cells.time.median : NaN;
  }).filter((v) => isFinite(v));
  const beside = first.contestant.protocol !== 'sync' && ratios.length > 0 ? `; in the median setting it takes ${percent(1 / median(ratios))} of the time of sync` : '';
  return `${gap}${first.contestant.label} is the fastest in ${first.settings.length} of ${of} settings${beside}.`;
}
