// The document that `runner report` writes into a page. Times are in seconds of the fleet's clock; null
// stands for what is not a finite number, or is not known.

export type Value = number | null;
export type OptionValue = string | number | boolean | null;

export interface Histogram {
  edges: number[]; // one more than counts, ascending
  counts: number[];
}

// Of a run, at most some hundred rounds of it, the first and the last among them; all of equal length.
export interface Series {
  round: number[];
  virtual_s: Value[];
  solving_s: Value[];
  wall_s: Value[];
  objective: Value[];
  gap: Value[];
  primal: Value[];
  dual: Value[];
  rho: Value[];
  bytes: Value[]; // up and down, so far
  worker_s: Value[];
  dollars: Value[];
  staleness_max: Value[];
  age_max: Value[];
}

export type TaskTime = 'compute' | 'idle' | 'delay' | 'communication' | 'queueing' | 'pause';

// Histograms and means of idle, delay, communication and queueing are of what began when start-up was over.
export type Tasks = { [time in TaskTime]?: Histogram | null } & {
  staleness?: number[] | null; // how many tasks had 0, 1, 2, ..
  age?: number[] | null;
  outcomes?: { [outcome: string]: number } | null;
  // Worker-seconds in all: start-up is that of every worker, the others count from its end on.
  seconds?: ({ [time in TaskTime]?: Value } & { startup?: Value }) | null;
};

// A number a worker.
export interface Workers {
  compute?: Value[];
  idle?: Value[];
  delay?: Value[];
  communication?: Value[];
  cold_start?: Value[];
  responsiveness?: Value[];
}

export interface Life {
  worker: number;
  incarnation: number;
  invoked: Value;
  connected: Value;
  ready: Value;
  ended: Value;
  end: string;
}

export interface Timeline {
  workers: number;
  task: {
    worker: number[];
    shard: number[];
    round: number[];
    dispatched: Value[];
    started: Value[];
    finished: Value[];
    arrived: Value[];
    outcome: number[]; // into outcome_names
  };
  outcome_names: string[];
  updates: number[]; // when each z was made
  lives: Life[];
}

export interface Run {
  id: string;
  folder: string;
  status: string;
  command: string;
  label: string;
  options: { [option: string]: OptionValue };
  result: { [field: string]: unknown };
  phi_star: Value;
  phi_star_from: string | null;
  series: Series | null;
  tasks: Tasks | null;
  workers: Workers | null;
  timeline: Timeline | null;
}

// What the paper states: `value` of `quantity` (speedup, efficiency, ..) in its figure, at so many workers.
export interface PaperNumber {
  figure: number | string;
  quantity: string;
  workers: Value;
  value: number;
  text?: string;
}

export interface Document {
  schema: number;
  made: string;
  version: string;
  title: string;
  gap?: number; // to which runs are compared at first
  warnings: string[];
  paper?: { source?: string; numbers?: PaperNumber[] } | null;
  runs: Run[];
}
