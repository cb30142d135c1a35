// What the runner sends: runners/live/live_run.cpp and live_matrix.cpp write it.

type Numbers = (number | null)[];

export interface Curve {
  round: number[];
  fleet_s: Numbers;
  wall_s: Numbers;
  objective: Numbers;
  gap: Numbers;
  primal: Numbers;
  dual: Numbers;
}

export interface Run {
  kind: 'run';
  phase: string;
  ended: string;
  title: string;
  heading: string[];
  virtual: boolean;
  fleet_s: number;
  startup_s: number | null; // of fleet_s; null while it goes on
  wall_s: number;
  tasks: number;
  accepted: number;
  bytes_up: number;
  bytes_down: number;
  starts: number;
  losses: number;
  cost: { dollars: number; gb_seconds: number; requests: number } | null;
  states: string; // a letter a worker
  busy_since_us: Numbers;
  updates_us: number[];
  curve: Curve;
  timeline: {
    worker: number[];
    round: number[];
    dispatched_us: Numbers;
    started_us: Numbers;
    finished_us: Numbers;
    arrived_us: Numbers;
    outcome: number[];
  };
  notices: string[];
}

export interface Matrix {
  kind: 'matrix';
  title: string;
  ended: string;
  states: string[]; // to_do, running, done or failed, a cell
  labels: string[];
  seconds_left: number | null;
  wall_s: number;
  running: { label: string; seconds: number }[];
  failed: { label: string; log: string }[];
  curves_of: string;
  curves: { label: string; protocol: string; round: number[]; gap: Numbers; primal: Numbers }[];
}

export type Document = Run | Matrix;
