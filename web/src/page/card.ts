// A chart with its title, choices, legend, table and downloads.
import { Chart, Choices, Control, Drawing, Table, is_missing, settle } from '../charts/chart';
import { echarts, ECharts } from '../echarts';
import { short } from '../format';
import { h, marker, segmented, select } from './dom';
import { save_csv, save_png, save_svg } from './download';
import { Store } from './state';

const instances = new WeakMap<HTMLElement, ECharts>();

// Fills a table with what a chart draws: the same numbers, for those who do not see it.
export function table_of(table: Table, most = 500): HTMLElement {
  const shown = table.rows.slice(0, most);
  const text = (v: string | number | null) => (v === null || v === undefined ? '' : typeof v === 'number' ? (Number.isInteger(v) ? String(v) : short(v)) : v);
  return h('div', { class: 'numbers', tabindex: 0, role: 'region', 'aria-label': 'numbers of the chart' },
    h('table', {},
      h('thead', {}, h('tr', {}, ...table.columns.map((c) => h('th', { scope: 'col' }, c)))),
      h('tbody', {}, ...shown.map((row) => h('tr', {}, ...row.map((v) => h('td', { class: typeof v === 'number' ? 'number' : null }, text(v))))))),
    table.rows.length > most ? h('p', { class: 'note' }, `The first ${most} of ${table.rows.length} rows; the CSV has all.`) : null);
}

export class Card {
  readonly element: HTMLElement;
  private choices: Choices = {};
  private hidden: { [name: string]: boolean } = {};
  private drawing: Drawing | null = null;
  private instance: ECharts | null = null;
  private near = false;
  private stale = true;
  private controls = h('div', { class: 'controls' });
  private legend = h('div', { class: 'legend', role: 'group' });
  private plot = h('div', { class: 'plot', role: 'img', tabindex: 0 });
  private needs = h('p', { class: 'needs' });
  private note = h('p', { class: 'note' });
  private numbers = h('details', { class: 'as-table' });
  private actions = h('div', { class: 'actions' });
  private controls_key = '';

  constructor(private chart: Chart, private store: Store, watch: IntersectionObserver) {
    const title = `${chart.name}-title`;
    this.legend.setAttribute('aria-label', `${chart.title}: shown`);
    this.actions.append(
      ...(['SVG', 'PNG', 'CSV'] as const).map((kind) =>
        h('button', { type: 'button', 'data-save': kind.toLowerCase(), 'aria-label': `Download ${chart.title} as ${kind}`, onclick: () => this.save(kind) }, kind)),
    );
    this.numbers.addEventListener('toggle', () => this.fill_numbers());
    this.element = h('article', { class: chart.wide ? 'card wide' : 'card', id: chart.name, 'aria-labelledby': title, 'data-chart': chart.name },
      h('header', {}, h('div', { class: 'heading' }, h('h3', { id: title }, chart.title), h('p', { class: 'caption' }, chart.caption)), this.controls),
      this.legend, this.needs, this.plot,
      h('footer', {}, this.note, this.numbers, this.actions));
    (this.element as HTMLElement & { card?: Card }).card = this;
    watch.observe(this.element);
  }

  // Charts are drawn when they come near what is seen.
  come_near(): void {
    this.near = true;
    if (this.stale) this.draw();
  }

  // To the end, at the size that it is now: a printer waits for no frame.
  finish(): void {
    this.come_near();
    if (!this.instance) return;
    this.instance.resize();
    this.instance.getZr().flush();
  }

  changed(): void {
    this.stale = true;
    if (this.near) this.draw();
  }

  resize(): void {
    if (this.instance) this.instance.resize();
  }

  private draw(): void {
    this.stale = false;
    const view = this.store.view();
    const controls = this.chart.controls ? this.chart.controls(view) : [];
    const choices = settle(this.chart, view, this.choices);
    this.show_controls(controls, choices);
    const drawn = view.model.groups.length === 0 ? { needs: 'runs that the filters let through' } : this.chart.draw(view, choices);
    const missing = is_missing(drawn);
    this.drawing = missing ? null : drawn;
    this.element.classList.toggle('missing', missing);
    this.needs.textContent = missing ? `Nothing to draw: this needs ${drawn.needs}.` : '';
    if (missing) {
      this.legend.replaceChildren();
      this.note.textContent = '';
      if (this.instance) this.instance.clear();
      return;
    }
    this.plot.style.height = `${drawn.height || 320}px`;
    this.plot.setAttribute('aria-label', `${drawn.summary}. The numbers are in the table below.`);
    this.note.textContent = drawn.note || '';
    if (!this.instance) {
      this.instance = echarts.init(this.plot, null, { renderer: 'canvas' });
      instances.set(this.plot, this.instance);
    } else {
      this.instance.resize();
    }
    this.show_legend();
    this.instance.setOption({ ...drawn.option, legend: { ...(drawn.option.legend as object), selected: this.selected() } }, { notMerge: true });
    this.numbers.replaceChildren(h('summary', {}, 'Table'));
    this.fill_numbers();
  }

  private selected(): { [name: string]: boolean } {
    const selected: { [name: string]: boolean } = {};
    for (const entry of this.drawing!.legend) selected[entry.name] = !this.hidden[entry.name];
    return selected;
  }

  private show_controls(controls: Control[], choices: Choices): void {
    const key = JSON.stringify([controls, choices]);
    if (key === this.controls_key) return;
    this.controls_key = key;
    const focused = this.controls.contains(document.activeElement) ? document.activeElement!.closest<HTMLElement>('[data-control]')?.dataset.control : undefined;
    this.controls.replaceChildren(
      ...controls.filter((c) => c.options.length > 1).map((control) => {
        const changed = (value: string) => {
          this.choices = { ...this.choices, [control.key]: value };
          this.draw();
        };
        const few = control.options.length <= 2 && control.options.every((o) => o.label.length < 16);
        const made = few ? segmented(control.label, control.options, choices[control.key], changed) : select(control.label, control.options, choices[control.key], changed);
        made.dataset.control = control.key;
        if (few) made.prepend(h('span', { class: 'name', 'aria-hidden': 'true' }, control.label));
        return made;
      }),
    );
    if (focused) this.controls.querySelector<HTMLElement>(`[data-control="${focused}"] :is(select, input:checked)`)?.focus();
  }

  private show_legend(): void {
    const legend = this.drawing!.legend;
    this.legend.replaceChildren(
      ...legend.map((entry) => {
        const button = h('button', { type: 'button', 'aria-pressed': String(!this.hidden[entry.name]), title: 'Click to hide or show; double-click for this one alone' }, marker(entry), entry.name);
        const set = (hidden: { [name: string]: boolean }) => {
          this.hidden = hidden;
          legend.forEach((e, i) => {
            this.instance!.dispatchAction({ type: hidden[e.name] ? 'legendUnSelect' : 'legendSelect', name: e.name });
            this.legend.children[i].setAttribute('aria-pressed', String(!hidden[e.name]));
          });
        };
        button.addEventListener('click', () => set({ ...this.hidden, [entry.name]: !this.hidden[entry.name] }));
        button.addEventListener('dblclick', () => {
          const others = legend.filter((e) => e.name !== entry.name);
          const alone = others.every((e) => this.hidden[e.name]);
          set(Object.fromEntries(others.map((e) => [e.name, !alone])));
        });
        const highlight = (type: string) => () => this.instance!.dispatchAction({ type, seriesName: entry.name });
        button.addEventListener('mouseenter', highlight('highlight'));
        button.addEventListener('mouseleave', highlight('downplay'));
        return button;
      }),
    );
  }

  private fill_numbers(): void {
    if (!this.drawing || !this.numbers.open) return;
    this.numbers.replaceChildren(h('summary', {}, 'Table'), table_of(this.drawing.table));
  }

  private save(kind: 'SVG' | 'PNG' | 'CSV'): void {
    this.come_near();
    if (!this.drawing) return;
    const view = this.store.view();
    const choices = settle(this.chart, view, this.choices);
    const width = Math.max(560, this.plot.clientWidth);
    if (kind === 'CSV') save_csv(this.chart.name, this.drawing.table);
    else if (kind === 'SVG') save_svg(this.chart, this.drawing, view, choices, width, this.hidden);
    else void save_png(this.chart, this.drawing, view, choices, width, this.hidden);
  }
}

export function instance_of(plot: HTMLElement): ECharts | undefined {
  return instances.get(plot);
}
