// The document within the page: gzip as base64, or plain JSON.
import { Document } from '../data';

async function inflated(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
}

export async function read_document(): Promise<Document | null> {
  const element = document.getElementById('laggard-data') as HTMLScriptElement | null;
  if (!element) return null;
  const content = (element.textContent || '').trim();
  const text = element.type === 'application/json' ? content : await inflated(content);
  element.remove();
  const read = JSON.parse(text) as Document;
  if (read.schema !== 1) throw new Error(`this page reads schema 1, and its data is of schema ${read.schema}`);
  return read;
}
