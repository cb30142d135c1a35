import { echarts } from './echarts';

declare const globalThis: { laggardFigures: (json: string) => string };
void echarts;
globalThis.laggardFigures = function (_json: string): string {
  return JSON.stringify([]);
};
