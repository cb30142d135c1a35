// The live page: draws each document as it comes, unless nobody looks.
import type { Document } from './document';
import { draw_matrix } from './matrix';
import { element } from './parts';
import { draw_run, redraw_run } from './run';

let newest: Document | null = null;
let drawn: Document | null = null;

function draw(): void {
  if (!newest || newest === drawn || document.hidden) return;
  drawn = newest;
  if (newest.kind === 'run') draw_run(newest);
  else draw_matrix(newest);
}

function tell(text: string, look: '' | 'ended' | 'lost'): void {
  const status = element('status');
  status.textContent = text;
  status.className = look;
}

const source = new EventSource('events');
source.onopen = () => tell('connected', '');
source.onmessage = (event: MessageEvent<string>) => {
  newest = JSON.parse(event.data) as Document;
  if (newest.ended) {
    source.close();
    tell(`ended: ${newest.ended}`, 'ended');
  } else {
    tell((newest.kind === 'run' && newest.phase) || 'running', '');
  }
  draw();
};
// The browser tries again by itself.
source.onerror = () => tell('no answer: the runner has ended, or was killed', 'lost');

document.addEventListener('visibilitychange', draw);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  if (newest && newest.kind === 'run') redraw_run(newest);
  else if (newest) draw_matrix(newest);
});
