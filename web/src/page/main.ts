// The report: what the document says, section by section.
import { convergence_charts, paper_charts, protocol_charts } from '../charts/all';
import { Chart } from '../charts/chart';
import { Document } from '../data';
import { build_model, Model } from '../series';
import { Card, instance_of } from './card';
import { h } from './dom';
import { read_document } from './read';
import { reproduce } from './reproduce';
import { Store } from './state';
import { headline, SummarySection } from './summary';
import { TimelineSection } from './timeline';
import { Section, toolbar } from './toolbar';

const sections: (Section & { lead: string })[] = [
  { id: 'summary', title: 'Summary', lead: '' },
  { id: 'convergence-section', title: 'Convergence', lead: '' },
  { id: 'paper', title: 'The paper', lead: 'The figures of Aytekin and Johansson, drawn from these runs. Stars are the numbers that they state.' },
  { id: 'protocols', title: 'Protocols', lead: 'What each way of waiting buys, and what it pays for it.' },
  { id: 'timeline', title: 'Timeline', lead: 'Workers are rows. A bar is a task, a line an update of z.' },
  { id: 'reproduce', title: 'Reproduce', lead: '' },
];

function section(at: number, ...children: (Node | null)[]): HTMLElement {
  const { id, title, lead } = sections[at];
  return h('section', { id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), lead ? h('p', { class: 'lead' }, lead) : null, ...children);
}

function plural(n: number, one: string, many = one + 's'): string {
  return `${n} ${n === 1 ? one : many}`;
}

function head(data: Document, model: Model): HTMLElement {
  const when = new Date(data.made);
  const made = isNaN(when.getTime()) ? data.made : when.toISOString().slice(0, 16).replace('T', ' ') + ' UTC';
  const runs = model.groups.reduce((n, g) => n + g.runs.length, 0);
  const facts = [plural(runs, 'run'), plural(model.contestants.length, 'configuration'), plural(model.settings.length, 'setting')];
  return h('header', { class: 'page-head' },
    h('p', { class: 'over' }, 'Laggard ', data.version, ' \u00b7 report'), h('h1', {}, data.title || 'Report'), h('p', { class: 'headline', id: 'headline' }),
    h('p', { class: 'meta' }, `${facts.join(', ')} \u00b7 made ${made}`));
}

function warnings(data: Document, model: Model): HTMLElement | null {
  const all = data.warnings.slice();
  if (model.unfinished.length > 0) {
    all.push(`${plural(model.unfinished.length, 'run')} did not finish and ${model.unfinished.length === 1 ? 'is' : 'are'} in no comparison`);
  }
  if (all.length === 0) return null;
  const shown = all.slice(0, 6).map((w) => h('li', {}, w));
  const more = all.length > 6 ? h('details', {}, h('summary', {}, `${all.length - 6} more`), h('ul', {}, ...all.slice(6).map((w) => h('li', {}, w)))) : null;
  return h('aside', { class: 'warnings', role: 'note', 'aria-label': 'Warnings' }, h('ul', {}, ...shown), more);
}

function show(data: Document): void {
  const model = build_model(data);
  const store = new Store(model);
  document.title = `${data.title || 'Report'} \u2013 Laggard`;
  const bar = toolbar(store, sections); // first, for it knows whether colours are dark

  const cards: Card[] = [];
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) (entry.target as HTMLElement & { card: Card }).card.come_near();
  }, { rootMargin: '400px' });
  const grid = (charts: Chart[]) => {
    const own = charts.map((chart) => new Card(chart, store, watch));
    cards.push(...own);
    return h('div', { class: 'cards' }, ...own.map((c) => c.element));
  };

  const main = h('main', {});
  if (model.groups.length === 0) {
    main.append(h('p', { class: 'empty' }, 'No run in this report has finished, so that there is nothing to compare yet.'));
  }
  const table = new SummarySection(store);
  const timeline = new TimelineSection(store);
  main.append(
    section(0, table.element), section(1, grid(convergence_charts)), section(2, grid(paper_charts)), section(3, grid(protocol_charts)), section(4, timeline.element), section(5, reproduce(model)),
  );
  const heading = head(data, model);
  document.body.replaceChildren(
    h('a', { class: 'skip', href: '#summary' }, 'Skip to the summary'), h('div', { class: 'page' }, heading, warnings(data, model)), bar, h('div', { class: 'page' }, main,
      h('footer', { class: 'page-foot' }, `Made by Laggard ${data.version}. Charts by Apache ECharts. This file needs no network.`)));

  const say = () => {
    document.getElementById('headline')!.textContent = headline(store.view());
  };
  say();
  store.on_change((change) => {
    if (change !== 'theme') {
      table.draw();
      say();
    }
    cards.forEach((card) => card.changed());
    if (change === 'theme') timeline.redraw();
  });
  let width = window.innerWidth;
  window.addEventListener('resize', () => {
    const crossed = window.innerWidth < 900 !== width < 900;
    width = window.innerWidth;
    cards.forEach((card) => (crossed ? card.changed() : card.resize()));
  });
  window.addEventListener('beforeprint', () => cards.forEach((card) => card.finish()));
  window.addEventListener('afterprint', () => cards.forEach((card) => card.resize()));
  Object.assign(window, { laggard: { store, cards, timeline, instance_of } }); // for tests, and for the curious
}

async function start(): Promise<void> {
  try {
    const data = await read_document();
    if (data) show(data);
    else document.body.replaceChildren(h('p', { class: 'empty' }, 'This is the template of a report: ', h('code', {}, 'runner report DIR -o report.html'), ' fills it.'));
  } catch (error) {
    document.body.replaceChildren(h('p', { class: 'empty', role: 'alert' }, `The data of this report cannot be read: ${error instanceof Error ? error.message : error}.`));
  }
}

// After the first picture, so that something is seen at once.
requestAnimationFrame(() => setTimeout(() => void start()));
