// What holds for the whole page: sections, the gap, with or without start-up, filters, light or dark.
import { look_of, builtin_protocols } from '../theme';
import { power } from '../format';
import { Basis, has_gaps } from '../series';
import { h, marker, segmented } from './dom';
import { Store } from './state';

export interface Section {
  id: string;
  title: string;
}

function gap_slider(store: Store): HTMLElement | null {
  const { all, steps, gap } = store.state;
  if (!has_gaps(all)) return null;
  const output = h('output', { for: 'gap' }, power(gap));
  const slider = h('input', {
    type: 'range', id: 'gap', min: 0, max: steps.length - 1, step: 1, value: steps.indexOf(gap), 'aria-label': 'Relative gap to reach', 'aria-valuetext': String(gap),
  });
  slider.addEventListener('input', () => {
    const chosen = steps[Number(slider.value)];
    output.textContent = power(chosen);
    slider.setAttribute('aria-valuetext', String(chosen));
    store.update({ gap: chosen }, 'gap');
  });
  return h('div', { class: 'gap' }, h('label', { for: 'gap' }, 'to a gap of'), slider, output);
}

function facet(store: Store, option: string, label: string, values: string[], mark?: (value: string) => HTMLElement): HTMLElement {
  return h('fieldset', { class: 'facet' }, h('legend', {}, label),
    ...values.map((value) => {
      const input = h('input', { type: 'checkbox', checked: !store.state.hidden[option]?.has(value), 'data-option': option, value });
      input.addEventListener('change', () => store.hide(option, value, !input.checked));
      return h('label', {}, input, h('span', {}, mark ? mark(value) : null, value === '' ? '(none)' : value));
    }));
}

function filter_panel(store: Store): HTMLElement {
  const model = store.state.all;
  const others = model.protocols.filter((p) => !builtin_protocols.includes(p));
  const search = h('input', { type: 'search', placeholder: 'words that the configuration holds', 'aria-label': 'Filter by words', id: 'search' });
  search.addEventListener('input', () => store.update({ search: search.value }, 'filter'));
  const reset = h('button', { type: 'button', class: 'reset' }, 'show everything');
  const panel = h('div', { class: 'filters', id: 'filters', hidden: true });
  const fill = () => {
    search.value = store.state.search;
    panel.replaceChildren(
      h('div', { class: 'first' }, search, reset),
      model.protocols.length > 1 ? facet(store, 'protocol', 'protocol', model.protocols, (p) => marker(look_of(p, Math.max(0, others.indexOf(p))), 12)) : '',
      ...model.facets.filter((f) => f.values.length > 1).map((f) => facet(store, f.option, f.option === 'workers' ? 'W' : f.option, f.values)),
    );
  };
  reset.addEventListener('click', () => {
    store.update({ hidden: {}, search: '' }, 'filter');
    fill();
  });
  fill();
  return panel;
}

export function toolbar(store: Store, sections: Section[]): HTMLElement {
  const panel = filter_panel(store);
  const filters = h('button', { type: 'button', class: 'filter-button', 'aria-expanded': 'false', 'aria-controls': 'filters' }, 'Filter');
  filters.addEventListener('click', () => {
    panel.hidden = !panel.hidden;
    filters.setAttribute('aria-expanded', String(!panel.hidden));
    if (!panel.hidden) panel.querySelector<HTMLElement>('#search')?.focus();
  });
  store.on_change((change) => {
    if (change !== 'filter') return;
    const count = store.filters();
    const kept = store.view().model.groups.length;
    filters.textContent = count > 0 ? `Filter: ${kept} of ${store.state.all.groups.length}` : 'Filter';
    filters.classList.toggle('active', count > 0);
  });
  panel.addEventListener('keydown', (e) => {
    if (e.key !== 'Escape') return;
    panel.hidden = true;
    filters.setAttribute('aria-expanded', 'false');
    filters.focus();
  });

  const root = document.documentElement;
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const theme = h('button', { type: 'button', class: 'theme' });
  const show = (is_dark: boolean) => {
    root.dataset.theme = is_dark ? 'dark' : 'light';
    theme.textContent = is_dark ? 'Light' : 'Dark';
    theme.setAttribute('aria-label', is_dark ? 'Light colours' : 'Dark colours');
    if (is_dark !== store.state.is_dark) store.update({ is_dark }, 'theme');
  };
  theme.addEventListener('click', () => show(!store.state.is_dark));
  system.addEventListener('change', (e) => show(e.matches));
  show(system.matches);

  const links = sections.map((s) => h('a', { href: `#${s.id}` }, s.title));
  const nav = h('nav', { 'aria-label': 'Sections' }, ...links);
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      links.forEach((link, i) => {
        if (sections[i].id === entry.target.id) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
      });
    }
  }, { rootMargin: '-20% 0px -75% 0px' });
  requestAnimationFrame(() => sections.forEach((s) => seen.observe(document.getElementById(s.id)!)));

  const basis = segmented('Time', [{ value: 'virtual_s', label: 'with start-up' }, { value: 'solving_s', label: 'without' }], store.state.basis,
    (value) => store.update({ basis: value as Basis }, 'gap'));
  basis.classList.add('basis');
  return h('div', { class: 'toolbar' }, h('div', { class: 'bar' }, nav, h('div', { class: 'tools' }, gap_slider(store), basis, filters, theme)), panel);
}
