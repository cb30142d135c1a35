// What a timeline shows: workers as rows, tasks as bars, updates of z as lines, the beginnings and ends of workers.
import { Life, Timeline } from '../data';
import { seconds } from '../format';
import { Inks } from '../theme';
import { Pen } from './pen';

export interface Window {
  from: number; // seconds
  to: number;
  top: number; // rows, fractions of one too
  bottom: number;
}

export interface Size {
  width: number;
  height: number;
}

export const margins = { left: 46, right: 12, top: 8, bottom: 28 };

export interface Colours {
  compute: string;
  sending: string;
  unused: string;
  waiting: string;
  start: string;
  update: string;
}

function with_alpha(hex: string, alpha: number): string {
  const part = (at: number) => parseInt(hex.slice(at, at + 2), 16);
  return `rgba(${part(1)},${part(3)},${part(5)},${alpha})`;
}

export function colours_of(protocol_colour: string, inks: Inks): Colours {
  return {
    compute: protocol_colour, sending: with_alpha(protocol_colour, 0.4), unused: inks.faint, waiting: inks.grid,
    start: with_alpha('#56B4E9', 0.55), update: with_alpha(inks.text, 0.28),
  };
}

export function is_hand_over(life: Life): boolean {
  return life.end === 'handed over';
}

// A worker that was there and is gone, neither relieved nor sent home.
export function is_loss(life: Life): boolean {
  return life.ended !== null && life.connected !== null && life.end !== 'goodbye' && !is_hand_over(life);
}

// Everything, with a little room.
export function whole(timeline: Timeline): Window {
  let last = 0;
  for (const times of [timeline.task.arrived, timeline.task.finished]) for (const t of times) if (t !== null && t > last) last = t;
  for (const t of timeline.updates) if (t > last) last = t;
  return { from: 0, to: (last || 1) * 1.01, top: 0, bottom: timeline.workers };
}

// From shortly before the first computation that an update waited for.
export function after_start_up(timeline: Timeline): Window {
  const all = whole(timeline);
  const second = timeline.updates.length > 1 ? timeline.updates[0] : 0;
  return { ...all, from: Math.max(0, second - 0.01 * (all.to - second)) };
}

export function x_of(time: number, window: Window, size: Size): number {
  return margins.left + ((time - window.from) / (window.to - window.from)) * (size.width - margins.left - margins.right);
}

export function time_at(x: number, window: Window, size: Size): number {
  return window.from + ((x - margins.left) / (size.width - margins.left - margins.right)) * (window.to - window.from);
}

export function row_at(y: number, window: Window, size: Size): number {
  return window.top + ((y - margins.top) / (size.height - margins.top - margins.bottom)) * (window.bottom - window.top);
}

// Round steps, about `count` of them.
export function ticks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / Math.max(1, count);
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough) || power * 10;
  const found: number[] = [];
  for (let k = Math.ceil(from / step); k * step <= to; ++k) found.push(k * step);
  return found;
}

// The bars of equal kind are drawn together, so that a canvas seldom changes its colour.
export function draw_scene(pen: Pen, timeline: Timeline, window: Window, size: Size, colours: Colours, inks: Inks): number {
  const inner = { width: size.width - margins.left - margins.right, height: size.height - margins.top - margins.bottom };
  const row_height = inner.height / (window.bottom - window.top);
  const scale = inner.width / (window.to - window.from);
  const x = (t: number) => margins.left + (t - window.from) * scale;
  const y = (row: number) => margins.top + (row - window.top) * row_height;
  const gap = row_height > 6 ? Math.min(3, row_height * 0.18) : row_height > 2.5 ? 0.5 : 0;
  const bar = Math.max(0.6, row_height - gap);
  const first_row = Math.floor(window.top);
  const last_row = Math.ceil(window.bottom);
  let drawn = 0;

  pen.clip(margins.left, margins.top, inner.width, inner.height);
  // What is between computations is left out where it is too narrow to be seen.
  const segment = (row: number, from: number, to: number, inset: number, colour: string, least = 0) => {
    if ((to - from) * scale < least || to < window.from || from > window.to || row < first_row || row > last_row) return;
    const left = Math.max(x(from), margins.left - 1);
    const right = Math.min(x(to), size.width);
    pen.rect(left, y(row) + gap / 2 + inset, Math.max(0.5, right - left), Math.max(0.5, bar - 2 * inset), colour);
    drawn += 1;
  };

  const task = timeline.task;
  const accepted = timeline.outcome_names.indexOf('accepted');
  const count = task.worker.length;
  const thin = row_height > 5 ? bar * 0.36 : 0;
  // On its way, or waiting for a worker that is not there yet.
  for (let i = 0; i < count; ++i) {
    const sent = task.dispatched[i];
    if (sent !== null) segment(task.worker[i], sent, task.started[i] ?? task.arrived[i] ?? window.to, thin, colours.waiting, 0.8);
  }
  for (const life of timeline.lives) {
    if (life.invoked !== null) segment(life.worker, life.invoked, life.ready ?? life.ended ?? window.to, 0, colours.start);
  }
  for (let i = 0; i < count; ++i) {
    const started = task.started[i];
    if (started !== null && task.outcome[i] !== accepted) segment(task.worker[i], started, task.finished[i] ?? task.arrived[i] ?? window.to, 0, colours.unused);
  }
  for (let i = 0; i < count; ++i) {
    const started = task.started[i];
    if (started !== null && task.outcome[i] === accepted) segment(task.worker[i], started, task.finished[i] ?? window.to, 0, colours.compute);
  }
  for (let i = 0; i < count; ++i) {
    const finished = task.finished[i];
    if (finished !== null && task.outcome[i] === accepted) segment(task.worker[i], finished, task.arrived[i] ?? window.to, thin, colours.sending, 0.8);
  }

  const shown_updates = timeline.updates.filter((t) => t >= window.from && t <= window.to);
  if (shown_updates.length < inner.width / 2) {
    for (const t of shown_updates) pen.line(x(t), margins.top, x(t), margins.top + inner.height, colours.update, 1);
  }

  for (const life of timeline.lives) {
    if (life.ended === null || life.worker < first_row || life.worker > last_row) continue;
    const at = x(life.ended);
    const middle = y(life.worker) + row_height / 2;
    const r = Math.max(3.5, Math.min(6, row_height / 2));
    if (is_loss(life)) {
      pen.line(at - r, middle - r, at + r, middle + r, inks.surface, 4);
      pen.line(at - r, middle + r, at + r, middle - r, inks.surface, 4);
      pen.line(at - r, middle - r, at + r, middle + r, inks.text, 2);
      pen.line(at - r, middle + r, at + r, middle - r, inks.text, 2);
    } else if (is_hand_over(life)) {
      pen.line(at, middle - r - 1, at, middle + r + 1, inks.surface, 5);
      pen.line(at - r, middle - r, at, middle, inks.text, 2);
      pen.line(at, middle, at - r, middle + r, inks.text, 2);
      pen.line(at, middle - r, at, middle + r, inks.text, 2);
    }
  }
  pen.unclip();

  pen.line(margins.left, size.height - margins.bottom + 0.5, size.width - margins.right, size.height - margins.bottom + 0.5, inks.faint, 1);
  for (const t of ticks(window.from, window.to, inner.width / 110)) {
    const at = x(t);
    pen.line(at, size.height - margins.bottom, at, size.height - margins.bottom + 4, inks.faint, 1);
    pen.text(at, size.height - margins.bottom + 14, seconds(Math.abs(t) < 1e-12 ? 0 : Number(t.toPrecision(6))), inks.muted, at > size.width - 40 ? 'right' : 'center');
  }
  for (const row of ticks(window.top, window.bottom - 1, Math.min(inner.height / 28, window.bottom - window.top))) {
    if (row % 1 === 0) pen.text(margins.left - 8, y(row) + row_height / 2, String(row), inks.muted, 'right');
  }
  return drawn;
}
