// What draws a timeline: a canvas, or the text of an SVG.

export interface Pen {
  rect(x: number, y: number, width: number, height: number, fill: string): void;
  line(x1: number, y1: number, x2: number, y2: number, stroke: string, width: number): void;
  text(x: number, y: number, text: string, fill: string, align: 'left' | 'center' | 'right'): void;
  clip(x: number, y: number, width: number, height: number): void;
  unclip(): void;
}

const font = "11px Inter, 'Helvetica Neue', Arial, sans-serif";

export class CanvasPen implements Pen {
  constructor(private context: CanvasRenderingContext2D) {
    context.font = font;
    context.textBaseline = 'middle';
  }
  rect(x: number, y: number, width: number, height: number, fill: string): void {
    if (this.context.fillStyle !== fill) this.context.fillStyle = fill;
    this.context.fillRect(x, y, width, height);
  }
  line(x1: number, y1: number, x2: number, y2: number, stroke: string, width: number): void {
    const c = this.context;
    c.strokeStyle = stroke;
    c.lineWidth = width;
    c.beginPath();
    c.moveTo(x1, y1);
    c.lineTo(x2, y2);
    c.stroke();
  }
  text(x: number, y: number, text: string, fill: string, align: 'left' | 'center' | 'right'): void {
    this.context.fillStyle = fill;
    this.context.textAlign = align;
    this.context.fillText(text, x, y);
  }
  clip(x: number, y: number, width: number, height: number): void {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
  }
  unclip(): void {
    this.context.restore();
  }
}

export class SvgPen implements Pen {
  private parts: string[] = [];
  private clips = 0;

  constructor(private width: number, private height: number, background: string) {
    this.rect(0, 0, width, height, background);
  }
  rect(x: number, y: number, width: number, height: number, fill: string): void {
    this.parts.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}"/>`);
  }
  line(x1: number, y1: number, x2: number, y2: number, stroke: string, width: number): void {
    this.parts.push(`<path d="M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}" stroke="${stroke}" stroke-width="${n(width)}"/>`);
  }
  text(x: number, y: number, text: string, fill: string, align: 'left' | 'center' | 'right'): void {
    const anchor = { left: 'start', center: 'middle', right: 'end' }[align];
    const content = text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
    this.parts.push(`<text x="${n(x)}" y="${n(y)}" fill="${fill}" text-anchor="${anchor}" dominant-baseline="central">${content}</text>`);
  }
  clip(x: number, y: number, width: number, height: number): void {
    this.clips += 1;
    this.parts.push(`<clipPath id="c${this.clips}"><rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}"/></clipPath><g clip-path="url(#c${this.clips})">`);
  }
  unclip(): void {
    this.parts.push('</g>');
  }
  done(): string {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" viewBox="0 0 ${this.width} ${this.height}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="11">\n` +
      this.parts.join('\n') + '\n</svg>\n'
    );
  }
}

function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
