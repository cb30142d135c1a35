// Elements, made shortly.
type Child = Node | string | null | undefined;
type Attributes = { [name: string]: string | number | boolean | null | undefined | ((event: Event) => void) };

// An attribute that is a function is a listener (onclick), one that is true is there without a value, one that is false or
// null is not there.
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

export function svg(markup: string, size: number): HTMLElement {
  const holder = h('span', { class: 'mark', 'aria-hidden': 'true' });
  holder.innerHTML = `<svg width="${size}" height="${size}" viewBox="0 0 16 16">${markup}</svg>`;
  return holder;
}

const shapes: { [symbol: string]: string } = {
  circle: '<circle cx="8" cy="8" r="5.2"/>',
  triangle: '<path d="M8 2.2L14 13H2Z"/>',
  diamond: '<path d="M8 1.6L14.4 8L8 14.4L1.6 8Z"/>',
  rect: '<rect x="3" y="3" width="10" height="10"/>',
  roundRect: '<rect x="2.6" y="2.6" width="10.8" height="10.8" rx="3.4"/>',
  arrow: '<path d="M8 1.8L13 14L8 11L3 14Z"/>',
};
const star = '<path d="M8 1L9.8 6.2L15 6.3L10.8 9.5L12.4 14.7L8 11.6L3.6 14.7L5.2 9.5L1 6.3L6.2 6.2Z"/>';

// The marker of a protocol, as the charts draw it.
export function marker(entry: { colour: string; symbol?: string; hollow?: boolean }, size = 13): HTMLElement {
  const shape = shapes[entry.symbol || 'rect'] || star;
  const fill = entry.hollow ? 'var(--surface)' : entry.colour;
  return svg(`<g fill="${fill}" stroke="${entry.colour}" stroke-width="1.6" stroke-linejoin="round">${shape}</g>`, size);
}

let serial = 0;
export function fresh_id(prefix: string): string {
  serial += 1;
  return `${prefix}-${serial}`;
}

// One of a few values: radio buttons that look like one bar.
export function segmented(label: string, options: { value: string; label: string }[], value: string, changed: (value: string) => void): HTMLElement {
  const name = fresh_id('choice');
  return h('fieldset', { class: 'segmented' }, h('legend', { class: 'hidden' }, label),
    ...options.map((option) => {
      const input = h('input', { type: 'radio', name, value: option.value, checked: option.value === value, onchange: () => changed(option.value) });
      return h('label', {}, input, h('span', {}, option.label));
    }));
}

export function select(label: string, options: { value: string; label: string }[], value: string, changed: (value: string) => void): HTMLElement {
  const control = h('select', { onchange: (e) => changed((e.target as HTMLSelectElement).value) },
    ...options.map((option) => h('option', { value: option.value, selected: option.value === value }, option.label)));
  return h('label', { class: 'select' }, h('span', {}, label), control);
}
