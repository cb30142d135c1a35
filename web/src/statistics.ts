// Small statistics. Infinity stands for "not reached" and orders as such.

function ascending(values: number[]): number[] {
  return values.slice().sort((a, b) => a - b);
}

// Linear between order statistics, as R's type 7. NaN of nothing.
export function quantile(values: number[], q: number): number {
  if (values.length === 0) return NaN;
  const sorted = ascending(values);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  if (low === high || sorted[low] === sorted[high]) return sorted[low];
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

export function median(values: number[]): number {
  return quantile(values, 0.5);
}

export function mean(values: number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

// Of a sample; 0 of a single value.
export function deviation(values: number[]): number {
  if (values.length < 2) return 0;
  const m = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - m) * (v - m), 0) / (values.length - 1));
}

export interface Interval {
  low: number;
  high: number;
  confidence: number;
}

// Order statistics that hold the median with 95 %, whatever the distribution; of fewer than six values that is
// not to be had, and the whole range is given with the confidence that it has.
export function median_interval(values: number[]): Interval {
  const n = values.length;
  if (n === 0) return { low: NaN, high: NaN, confidence: 0 };
  const sorted = ascending(values);
  let binomial = Math.pow(0.5, n); // of `cut` heads
  let tail = binomial; // of at most `cut` heads
  let cut = 0;
  for (;;) {
    const next = (binomial * (n - cut)) / (cut + 1);
    if (1 - 2 * (tail + next) < 0.95 || 2 * (cut + 2) > n) break;
    cut += 1;
    binomial = next;
    tail += next;
  }
  return { low: sorted[cut], high: sorted[n - 1 - cut], confidence: Math.max(0, 1 - 2 * tail) };
}

export interface Summary extends Interval {
  median: number;
  count: number;
  finite: number;
}

export function summary(values: number[]): Summary {
  const interval = median_interval(values);
  return {
    median: median(values),
    low: interval.low,
    high: interval.high,
    confidence: interval.confidence,
    count: values.length,
    finite: values.filter((v) => isFinite(v)).length,
  };
}
