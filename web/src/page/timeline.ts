// The timeline of a run, to zoom and pan in.
import { Run, Timeline } from '../data';
import { seconds } from '../format';
import { look_of, builtin_protocols } from '../theme';
import { CanvasPen, SvgPen } from '../timeline/pen';
import { Colours, Window, after_start_up, colours_of, draw_scene, is_hand_over, is_loss, margins, row_at, time_at, whole } from '../timeline/scene';
import { data_name, text_of } from '../series';
import { h, select } from './dom';
import { save, save_csv } from './download';
import { Store } from './state';

interface Shown {
  run: Run;
  timeline: Timeline;
  by_worker: number[][]; // tasks of each worker
}

function name_of(run: Run): string {
  return `${run.label || text_of(run.options['protocol'])} \u00b7 ${data_name(run)} \u00b7 W=${run.timeline!.workers} \u00b7 ${text_of(run.options['straggler']) || 'no stragglers'} \u00b7 seed ${text_of(run.options['seed'])}`;
}

export class TimelineSection {
  readonly element: HTMLElement;
  window: Window = { from: 0, to: 1, top: 0, bottom: 1 };
  drawn = 0; // bars of the last picture
  private canvas = h('canvas', { tabindex: 0, role: 'img' });
  private tip = h('div', { class: 'tip', role: 'status', 'aria-live': 'off' });
  private legend = h('div', { class: 'legend keys' });
  private note = h('p', { class: 'note' });
  private runs: Run[];
  private shown: Shown | null = null;
  private pending = false;

  constructor(private store: Store) {
    this.runs = store.state.all.document.runs.filter((run) => run.timeline && run.timeline.task.worker.length > 0)
      .map((run, i) => ({ run, i })).sort((a, b) => b.run.timeline!.workers - a.run.timeline!.workers || a.i - b.i).map((r) => r.run);
    if (this.runs.length === 0) {
      this.element = h('article', { class: 'card wide missing', id: 'timeline-card' }, h('p', { class: 'needs' }, 'Nothing to draw: this needs runs that record their tasks (workers.csv.gz).'));
      return;
    }
    const button = (label: string, title: string, act: () => void) => h('button', { type: 'button', title, 'aria-label': title, onclick: act }, label);
    const controls = h('div', { class: 'controls' },
      this.runs.length > 1 ? select('run', this.runs.map((r, i) => ({ value: String(i), label: name_of(r) })), '0', (v) => this.show(this.runs[Number(v)])) : null,
      h('div', { class: 'buttons' },
        button('\u2212', 'Zoom out', () => this.zoom(1.5)), button('+', 'Zoom in', () => this.zoom(1 / 1.5)),
        button('fewer rows', 'Fewer rows, taller', () => this.zoom_rows(0.5)), button('more rows', 'More rows', () => this.zoom_rows(2)),
        button('solving', 'From the first update on', () => this.look(after_start_up(this.shown!.timeline))), button('all', 'Everything', () => this.look(whole(this.shown!.timeline)))));
    const actions = h('div', { class: 'actions' },
      ...(['SVG', 'PNG', 'CSV'] as const).map((kind) => h('button', { type: 'button', 'data-save': kind.toLowerCase(), 'aria-label': `Download the timeline as ${kind}`, onclick: () => this.save(kind) }, kind)));
    this.element = h('article', { class: 'card wide', id: 'timeline-card', 'aria-labelledby': 'timeline-title' },
      h('header', {}, h('div', { class: 'heading' }, h('h3', { id: 'timeline-title' }, 'Every task'),
        h('p', { class: 'caption' }, 'Drag to move; Ctrl and the wheel, or + and \u2212, to zoom; arrows move; Shift with the wheel zooms rows; double-click or 0 for everything.')), controls),
      this.legend, h('div', { class: 'canvas' }, this.canvas, this.tip), h('footer', {}, this.note, actions));
    this.listen();
    this.show(this.runs[0]);
  }

  // A picture when the browser is ready for one, however often it is asked for.
  redraw(): void {
    if (this.pending || !this.shown) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.draw();
    });
  }

  private colours(): Colours {
    const protocol = text_of(this.shown!.run.options['protocol']);
    const others = this.store.state.all.protocols.filter((p) => !builtin_protocols.includes(p));
    return colours_of(look_of(protocol, Math.max(0, others.indexOf(protocol))).colour, this.store.view().inks);
  }

  private show(run: Run): void {
    const timeline = run.timeline!;
    const by_worker: number[][] = Array.from({ length: timeline.workers }, () => []);
    timeline.task.worker.forEach((w, i) => by_worker[w]?.push(i));
    this.shown = { run, timeline, by_worker };
    const lost = timeline.lives.filter(is_loss).length;
    const handed = timeline.lives.filter(is_hand_over).length;
    const text = `${timeline.workers} workers, ${timeline.task.worker.length} tasks, ${timeline.updates.length} updates of z, ${timeline.lives.length} starts, ${lost} lost, ${handed} handed over`;
    this.canvas.setAttribute('aria-label', `Timeline of ${name_of(run)}: ${text}. Arrow keys move, plus and minus zoom, 0 shows everything.`);
    this.note.textContent = text + '.';
    this.look(whole(timeline));
  }

  private look(window: Window): void {
    const all = whole(this.shown!.timeline);
    const least = (all.to - all.from) * 1e-5;
    const span = Math.min(Math.max(window.to - window.from, least), all.to - all.from);
    const from = Math.min(Math.max(window.from, all.from), all.to - span);
    const rows = Math.min(Math.max(window.bottom - window.top, 2), all.bottom);
    const top = Math.min(Math.max(window.top, 0), all.bottom - rows);
    this.window = { from, to: from + span, top, bottom: top + rows };
    this.redraw();
  }

  private zoom(factor: number, at = (this.window.from + this.window.to) / 2): void {
    const w = this.window;
    this.look({ ...w, from: at - (at - w.from) * factor, to: at + (w.to - at) * factor });
  }

  private zoom_rows(factor: number, at = (this.window.top + this.window.bottom) / 2): void {
    const w = this.window;
    this.look({ ...w, top: at - (at - w.top) * factor, bottom: at + (w.bottom - at) * factor });
  }

  private move(right: number, down: number): void {
    const w = this.window;
    const dx = right * (w.to - w.from);
    const dy = down * (w.bottom - w.top);
    this.look({ from: w.from + dx, to: w.to + dx, top: w.top + dy, bottom: w.bottom + dy });
  }

  private size(): { width: number; height: number } {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  private listen(): void {
    const canvas = this.canvas;
    canvas.addEventListener('wheel', (e) => {
      if (!e.ctrlKey && !e.metaKey && !e.shiftKey) return; // the page scrolls
      e.preventDefault();
      const box = canvas.getBoundingClientRect();
      const factor = Math.exp((e.deltaY || e.deltaX) * 0.0018);
      if (e.shiftKey) this.zoom_rows(factor, row_at(e.clientY - box.top, this.window, this.size()));
      else this.zoom(factor, time_at(e.clientX - box.left, this.window, this.size()));
    }, { passive: false });
    let drag: { x: number; y: number; window: Window } | null = null;
    canvas.addEventListener('pointerdown', (e) => {
      drag = { x: e.clientX, y: e.clientY, window: this.window };
      canvas.setPointerCapture(e.pointerId);
    });
    canvas.addEventListener('pointermove', (e) => {
      if (drag) {
        const { width, height } = this.size();
        const w = drag.window;
        const dx = (-(e.clientX - drag.x) / (width - margins.left - margins.right)) * (w.to - w.from);
        const dy = (-(e.clientY - drag.y) / (height - margins.top - margins.bottom)) * (w.bottom - w.top);
        this.look({ from: w.from + dx, to: w.to + dx, top: w.top + dy, bottom: w.bottom + dy });
        this.tip.hidden = true;
      } else {
        this.describe(e);
      }
    });
    canvas.addEventListener('pointerup', () => (drag = null));
    canvas.addEventListener('pointerleave', () => (this.tip.hidden = true));
    canvas.addEventListener('dblclick', () => this.look(whole(this.shown!.timeline)));
    canvas.addEventListener('keydown', (e) => {
      const acts: { [key: string]: () => void } = {
        ArrowLeft: () => this.move(-0.15, 0), ArrowRight: () => this.move(0.15, 0), ArrowUp: () => this.move(0, -0.15), ArrowDown: () => this.move(0, 0.15),
        '+': () => this.zoom(1 / 1.5), '=': () => this.zoom(1 / 1.5), '-': () => this.zoom(1.5), '0': () => this.look(whole(this.shown!.timeline)),
        '[': () => this.zoom_rows(0.5), ']': () => this.zoom_rows(2),
      };
      const act = acts[e.key];
      if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
      e.preventDefault();
      act();
    });
    this.tip.hidden = true;
    new ResizeObserver(() => this.redraw()).observe(canvas);
  }

  private describe(e: PointerEvent): void {
    const box = this.canvas.getBoundingClientRect();
    const time = time_at(e.clientX - box.left, this.window, this.size());
    const worker = Math.floor(row_at(e.clientY - box.top, this.window, this.size()));
    const { timeline, by_worker } = this.shown!;
    const task = timeline.task;
    const near = (by_worker[worker] || []).find((i) => (task.dispatched[i] ?? Infinity) <= time && time <= (task.arrived[i] ?? task.finished[i] ?? -Infinity));
    const life = timeline.lives.find((l) => l.worker === worker && (l.invoked ?? Infinity) <= time && time <= (l.ready ?? l.ended ?? Infinity));
    if (near === undefined && !life) {
      this.tip.hidden = true;
      return;
    }
    const span = (a: number | null, b: number | null) => (a === null || b === null ? '\u2013' : seconds(b - a));
    const rows: [string, string][] = near === undefined
      ? [['worker', String(worker)], ['start', String(life!.incarnation)], ['ready after', span(life!.invoked, life!.ready)]]
      : [['worker', String(worker)], ['shard', String(task.shard[near])], ['round', String(task.round[near])], ['sent at', seconds(task.dispatched[near] ?? NaN)],
        ['on its way', span(task.dispatched[near], task.started[near])], ['computed', span(task.started[near], task.finished[near])], ['back after', span(task.finished[near], task.arrived[near])],
        ['outcome', timeline.outcome_names[task.outcome[near]] || '']];
    this.tip.replaceChildren(...rows.map(([k, v]) => h('div', {}, h('span', {}, k), h('b', {}, v))));
    this.tip.hidden = false;
    const left = e.clientX - box.left;
    this.tip.style.left = `${Math.min(left + 14, box.width - 190)}px`;
    this.tip.style.top = `${Math.min(Math.max(4, e.clientY - box.top + 14), box.height - 180)}px`;
  }

  private draw(): void {
    const { width, height } = this.size();
    if (width === 0 || !this.shown) return;
    const ratio = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const context = this.canvas.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const inks = this.store.view().inks;
    const colours = this.colours();
    this.drawn = draw_scene(new CanvasPen(context), this.shown.timeline, this.window, { width, height }, colours, inks);
    this.canvas.dataset.window = JSON.stringify(this.window);
    const key = (colour: string, text: string) => h('span', {}, h('i', { style: `background:${colour}` }), text);
    this.legend.replaceChildren(
      key(colours.compute, 'computes'), key(colours.sending, 'answer under way'), key(colours.unused, 'computed, but not used'), key(colours.waiting, 'z under way, or waiting'), key(colours.start, 'start of a worker'),
      h('span', {}, h('i', { class: 'stroke' }), 'new z'), h('span', {}, h('b', {}, '\u00d7'), 'lost'), h('span', {}, h('b', {}, '\u25b7|'), 'handed over'));
  }

  private save(kind: 'SVG' | 'PNG' | 'CSV'): void {
    const { timeline } = this.shown!;
    if (kind === 'PNG') {
      this.canvas.toBlob((blob) => blob && save('timeline.png', blob), 'image/png');
    } else if (kind === 'SVG') {
      const size = this.size();
      const inks = this.store.view().inks;
      const pen = new SvgPen(size.width, size.height, inks.surface);
      draw_scene(pen, timeline, this.window, size, this.colours(), inks);
      save('timeline.svg', new Blob([pen.done()], { type: 'image/svg+xml' }));
    } else {
      const t = timeline.task;
      save_csv('timeline', {
        columns: ['worker', 'shard', 'round', 'dispatched', 'started', 'finished', 'arrived', 'outcome'],
        rows: t.worker.map((w, i) => [w, t.shard[i], t.round[i], t.dispatched[i], t.started[i], t.finished[i], t.arrived[i], timeline.outcome_names[t.outcome[i]] || null]),
      });
    }
  }
}
