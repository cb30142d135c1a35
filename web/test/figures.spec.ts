// figures.js, as a program for Duktape: ES5, the same bytes every time, the charts of the page.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import ts from 'typescript';
import { expect, test } from '@playwright/test';
import { text_of } from './open';
import { sample } from './sample';
import { median, median_interval, quantile } from '../src/statistics';
import { bytes, percent, power, seconds, short } from '../src/format';

const program = readFileSync(new URL('../dist/figures.js', import.meta.url), 'utf8');
const text = text_of(sample({ data: ['a9a'], workers: [4, 64, 256], stragglers: ['none', 'bimodal:p=0.2,factor=10'], seeds: 2, timelines: 0 }));

interface Picture {
  name: string;
  title: string;
  svg: string;
}

// Without what Duktape does not have.
function draw(): Picture[] {
  const context = vm.createContext({});
  vm.runInContext('delete globalThis.Map; delete globalThis.Set; delete globalThis.WeakMap; delete globalThis.Promise; delete Object.entries; delete Array.prototype.includes;', context);
  vm.runInContext(program, context);
  (context as { text?: string }).text = text;
  return JSON.parse(vm.runInContext('laggardFigures(text)', context) as string) as Picture[];
}

test('draws all that the data can fill, the same bytes twice', () => {
  const pictures = draw();
  const names = pictures.map((p) => p.name);
  expect(names).toEqual([
    'convergence_round', 'convergence_virtual_s', 'convergence_solving_s', 'convergence_wall_s', 'convergence_bytes', 'convergence_worker_s', 'convergence_dollars',
    'figure3_residuals', 'figure4_speedup', 'figure4_efficiency', 'figure5_idle_compute', 'figure6_histograms', 'figure7_histograms', 'figure8_cold_start', 'figure9_responsiveness',
    'straggler_severity', 'cost_time_front', 'performance_profile', 'sensitivity', 'staleness', 'age', 'wasted_work', 'time_spent', 'task_times',
  ]);
  for (const picture of pictures) {
    expect(picture.svg).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    expect(picture.svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(picture.svg).toContain(`>${picture.title}</text>`);
  }
  const svg = (name: string) => pictures.find((p) => p.name === name)!.svg;
  expect(svg('convergence_round')).toContain('#0072B2');
  expect(svg('cost_time_front')).toMatch(/>none \u00b7 seconds, start-up included, to a gap of 10[^<]+<\/text>/);
  expect(svg('wasted_work')).toMatch(/>W=256 \u00b7 bimodal<\/text>/);
  expect(draw()).toEqual(pictures);
});

test('is ES5: no syntax that came later', () => {
  const later: string[] = [];
  const kinds = new Set([
    ts.SyntaxKind.ArrowFunction, ts.SyntaxKind.TemplateExpression, ts.SyntaxKind.NoSubstitutionTemplateLiteral, ts.SyntaxKind.ClassDeclaration, ts.SyntaxKind.ClassExpression,
    ts.SyntaxKind.SpreadElement, ts.SyntaxKind.SpreadAssignment, ts.SyntaxKind.ForOfStatement, ts.SyntaxKind.ShorthandPropertyAssignment, ts.SyntaxKind.ObjectBindingPattern,
    ts.SyntaxKind.ArrayBindingPattern, ts.SyntaxKind.ComputedPropertyName, ts.SyntaxKind.MethodDeclaration, ts.SyntaxKind.AwaitExpression, ts.SyntaxKind.YieldExpression,
  ]);
  const visit = (node: ts.Node): void => {
    const scoped = ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) !== 0;
    if (kinds.has(node.kind) || scoped) later.push(node.getText().slice(0, 80));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('figures.js', program, ts.ScriptTarget.ES2022, true));
  expect(later).toEqual([]);
});

test('the median and its interval', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([1, 2, 3, Infinity])).toBe(2.5);
  expect(median([1, Infinity, Infinity])).toBe(Infinity);
  expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2);
  expect(median_interval([5, 1, 3, 2, 4])).toEqual({ low: 1, high: 5, confidence: 1 - 2 / 32 });
  expect(median_interval([1, 2, 3, 4, 5, 6]).confidence).toBeCloseTo(1 - 2 / 64, 12);
  // Of nine the second and the eighth: 1 - 2 (1 + 9) / 512.
  expect(median_interval([1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual({ low: 2, high: 8, confidence: 1 - 20 / 512 });
});

test('numbers as people read them', () => {
  expect(['0', short(12345.6), short(0.012345), short(-4.5)]).toEqual(['0', '12,346', '0.0123', '\u22124.50']);
  expect([seconds(0.0005), seconds(0.25), seconds(12.345), seconds(NaN)]).toEqual(['500 \u00b5s', '250 ms', '12.3 s', '\u2013']);
  expect([bytes(999), bytes(83328), bytes(2.5e9)]).toEqual(['999 B', '83.3 kB', '2.50 GB']);
  expect([power(1e-6), power(5e-4), power(0.1), percent(0.26)]).toEqual(['10\u207b\u2076', '5\u00d710\u207b\u2074', '0.1', '26.0 %']);
});
