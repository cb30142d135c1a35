// Documents of the shape that `runner report` writes, made up but always the same.
import { Document, Histogram, OptionValue, Run, Series, Timeline } from '../src/data';

// mulberry32
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Contestant {
  protocol: string;
  options: { [name: string]: OptionValue };
  rounds: number; // to a gap of 1e-6
  wait: number; // share of the stragglers' delay that is met
  cost: number;
  wasted: number;
}

const contestants: Contestant[] = [
  { protocol: 'sync', options: {}, rounds: 48, wait: 1, cost: 1, wasted: 0 },
  { protocol: 'async', options: { tau: 2, 'min-arrivals': 'W/2' }, rounds: 120, wait: 0.45, cost: 1, wasted: 0.01 },
  { protocol: 'async', options: { tau: 8, 'min-arrivals': 'W/2' }, rounds: 190, wait: 0.2, cost: 1, wasted: 0.02 },
  { protocol: 'async', options: { tau: 32, 'min-arrivals': 'W/2' }, rounds: 330, wait: 0.15, cost: 1, wasted: 0.04 },
  { protocol: 'partial_barrier', options: { k: 1 }, rounds: 90, wait: 0.5, cost: 1, wasted: 0.06 },
  { protocol: 'partial_barrier', options: { k: 2 }, rounds: 110, wait: 0.35, cost: 1, wasted: 0.12 },
  { protocol: 'coded', options: { redundancy: 2 }, rounds: 49, wait: 0.1, cost: 1, wasted: 0.5 },
  { protocol: 'backup', options: { 'backup-after': 2 }, rounds: 48, wait: 0.15, cost: 1, wasted: 0.08 },
];

const severities: { [spec: string]: number } = {
  none: 0,
  'bimodal:p=0.05,factor=10': 1.2,
  'bimodal:p=0.2,factor=10': 4,
};

function histogram(values: number[], bins = 24): Histogram {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + ((high - low || 1e-9) * i) / bins);
  const counts = new Array<number>(bins).fill(0);
  for (const v of values) counts[Math.min(bins - 1, Math.floor(((v - low) / (high - low || 1e-9)) * bins))] += 1;
  return { edges, counts };
}

function make_timeline(workers: number, rounds: number, random: () => number, with_events: boolean): Timeline {
  const timeline: Timeline = {
    workers,
    task: { worker: [], shard: [], round: [], dispatched: [], started: [], finished: [], arrived: [], outcome: [] },
    outcome_names: ['accepted', 'discarded', 'revoked', 'failed', 'unfinished'],
    updates: [],
    lives: [],
  };
  const ready: number[] = [];
  for (let w = 0; w < workers; ++w) {
    ready.push(0.3 + 0.002 * w + (random() < 0.02 ? 3 : 0.1 * random()));
    const hand_over = with_events && w % 50 === 3;
    const lost = with_events && w % 50 === 17;
    timeline.lives.push({ worker: w, incarnation: 1, invoked: 0.002 * w, connected: ready[w] - 0.02, ready: ready[w], ended: hand_over ? 9 : lost ? 7 : null, end: hand_over ? 'handed over' : lost ? 'the connection ended' : 'goodbye' });
    if (hand_over || lost) timeline.lives.push({ worker: w, incarnation: 2, invoked: hand_over ? 8.4 : 7.2, connected: 9, ready: 9.1, ended: null, end: 'goodbye' });
  }
  let now = 0;
  for (let r = 0; r < rounds; ++r) {
    let latest = 0;
    for (let w = 0; w < workers; ++w) {
      const dispatched = now;
      const started = Math.max(now + 0.01, ready[w]);
      const finished = started + 0.05 + 0.05 * random() + (random() < 0.02 ? 0.3 : 0);
      const arrived = finished + 0.01 + 0.02 * random();
      const t = timeline.task;
      t.worker.push(w);
      t.shard.push(w);
      t.round.push(r);
      t.dispatched.push(dispatched);
      t.started.push(started);
      t.finished.push(finished);
      t.arrived.push(arrived);
      t.outcome.push(random() < 0.03 ? 1 : 0);
      latest = Math.max(latest, arrived);
    }
    now = latest;
    timeline.updates.push(now);
  }
  return timeline;
}

export interface SampleOptions {
  data?: string[];
  workers?: number[];
  stragglers?: string[];
  seeds?: number;
  protocols?: string[];
  timelines?: number; // how many protocols have one
  timeline_rounds?: number;
  paper?: boolean;
  points?: number; // most of a series
}

export function sample(options: SampleOptions = {}): Document {
  const data = options.data || ['a9a', 'heart'];
  const all_workers = options.workers || [4, 16, 64, 256];
  const stragglers = options.stragglers || Object.keys(severities);
  const runs: Run[] = [];
  let timelines = options.timelines ?? 5;
  const drawn = new Set<string>();
  let serial = 0;
  for (const set of data)
    for (const workers of all_workers)
      for (const straggler of stragglers)
        for (const contestant of contestants) {
          if (options.protocols && !options.protocols.includes(contestant.protocol)) continue;
          for (let seed = 1; seed <= (options.seeds ?? 3); ++seed) {
            serial += 1;
            const random = generator(serial);
            const with_timeline = timelines > 0 && workers === all_workers[all_workers.length - 1] && !drawn.has(contestant.protocol);
            if (with_timeline) {
              timelines -= 1;
              drawn.add(contestant.protocol);
            }
            runs.push(make_run(set, workers, straggler, contestant, seed, serial, random, with_timeline ? (options.timeline_rounds ?? 40) : 0, options.points ?? 300));
          }
        }
  return {
    schema: 1,
    made: '2026-11-28T08:00:00Z',
    version: '0.1.0',
    title: 'Protocols against stragglers',
    warnings: [],
    paper: options.paper === false ? null : {
      source: 'Aytekin and Johansson, arXiv:1901.03161',
      numbers: [
        { figure: 4, quantity: 'efficiency', workers: 64, value: 0.74 },
        { figure: 4, quantity: 'efficiency', workers: 256, value: 0.26 },
        { figure: 4, quantity: 'speedup', workers: 256, value: 17 },
      ],
    },
    runs,
  };
}

function make_run(set: string, workers: number, straggler: string, contestant: Contestant, seed: number, serial: number, random: () => number, timeline_rounds: number, points: number): Run {
  const severity = severities[straggler] ?? 1;
  const base = set === 'heart' ? 0.02 : 1;
  const rounds = Math.round(contestant.rounds * (set === 'heart' ? 1.3 : 1) * (1 + 0.12 * Math.log2(workers)) * (0.9 + 0.2 * random()));
  const startup = 0.3 + 0.004 * workers + (contestant.wait > 0.3 ? 0.5 * severity * random() : 0);
  const compute = (2.4 * base) / workers + 0.004;
  const late = compute * severity * contestant.wait * (0.8 + 0.4 * random());
  const service = 0.00025 * workers;
  const per_round = compute + late + service;
  const best = 1000 + workers;
  const every = Math.max(1, Math.ceil(rounds / points));
  const series: Series = { round: [], virtual_s: [], solving_s: [], wall_s: [], objective: [], gap: [], primal: [], dual: [], rho: [], bytes: [], worker_s: [], dollars: [], staleness_max: [], age_max: [] };
  for (let r = 1; r <= rounds; ++r) {
    if (r !== 1 && r !== rounds && r % every !== 0) continue;
    const share = r / rounds;
    const gap = Math.pow(10, -6 * share) * (0.7 + 0.6 * random()) * (r === rounds ? 0.5 : 1);
    const solving = per_round * r;
    const worker_s = workers * solving * contestant.cost;
    series.round.push(r);
    series.solving_s.push(solving);
    series.virtual_s.push(startup + solving);
    series.wall_s.push(0.0004 * r * Math.sqrt(workers));
    series.gap.push(gap);
    series.objective.push(best * (1 + gap));
    series.primal.push(3 * Math.pow(10, -3 * share) * (0.8 + 0.4 * random()));
    series.dual.push(1.5 * Math.pow(10, -3.2 * share) * (0.8 + 0.4 * random()));
    series.rho.push(r < 10 ? 0.3 : 0.5);
    series.bytes.push(r * workers * 2 * 8 * 123);
    series.worker_s.push(worker_s);
    series.dollars.push(1.7e-5 * (worker_s + workers * startup));
    series.staleness_max.push(contestant.protocol === 'async' ? Number(contestant.options.tau) - 1 : 0);
    series.age_max.push(contestant.protocol === 'async' ? Number(contestant.options.tau) : 1);
  }
  const sample_of = (scale: number, spread: number, n = 400) => Array.from({ length: n }, () => scale * (1 + spread * (random() + random() + random() - 1.5)));
  const computes = sample_of(compute, 0.3);
  const idles = sample_of(late + service + 0.002, 0.8).map((v) => Math.max(v, 1e-5));
  const communications = sample_of(service + 0.001, 0.5);
  const delays = computes.map((c, i) => c + communications[i]);
  const staleness = contestant.protocol === 'async' ? Array.from({ length: Number(contestant.options.tau) }, (_, i) => Math.round(4000 * Math.pow(0.6, i))) : [4000];
  const tasks = rounds * workers;
  const discarded = Math.round(tasks * contestant.wasted);
  const options: Run['options'] = {
    protocol: contestant.protocol, fleet: 'sim', workers, seed, data: `data/${set}.svm.gz`, loss: 'logistic', regularizer: 'l1:1', method: 'admm', straggler,
    'target-gap': 1e-6, output: `results/cells/${serial}`, rho: 'auto',
  };
  for (const name of Object.keys(contestant.options)) {
    const value = contestant.options[name];
    options[name] = value === 'W/2' ? workers / 2 : value;
  }
  const a_worker = (scale: number) => Array.from({ length: workers }, () => scale * (0.8 + 0.4 * random()));
  const command = 'runner ' + Object.keys(options).map((k) => `--${k} ${options[k]}`).join(' ');
  return {
    id: serial.toString(16).padStart(16, '0'),
    folder: `cells/${serial.toString(16).padStart(16, '0')}`,
    status: 'finished',
    command,
    label: contestant.protocol,
    options,
    result: {
      protocol: contestant.protocol, workers, seed, rounds, converged: true, stop_reason: 'target_gap', startup_seconds: startup,
      virtual_seconds: startup + per_round * rounds, solving_seconds: per_round * rounds, tasks, tasks_wasted: discarded,
      schedule_digest: '5e62b0bbedc0dfeb', iterate_digest: '1b8a3296515b8d8b', version: '0.1.0',
      data: { name: `${set}.svm.gz`, samples: 1000, features: 123, nonzeros: 14000, sha256: 'ab'.repeat(32) }, notices: [],
    },
    phi_star: best,
    phi_star_from: 'reference',
    series,
    tasks: {
      compute: histogram(computes), idle: histogram(idles), delay: histogram(delays), communication: histogram(communications),
      staleness, age: staleness.map((n) => n * 2), outcomes: { accepted: tasks - discarded, discarded },
      seconds: { startup: workers * startup, compute: compute * tasks, pause: late * tasks * 0.5, idle: (late + service) * tasks, communication: service * tasks, queueing: late * tasks },
    },
    workers: { compute: a_worker(compute), idle: a_worker(late + service + 0.002), delay: a_worker(compute + service), communication: a_worker(service), cold_start: a_worker(0.3), responsiveness: a_worker(0.1).map((v, i) => (i % 16 === 0 ? 0.4 : v * 0.8)) },
    timeline: timeline_rounds > 0 ? make_timeline(workers, timeline_rounds, random, true) : null,
  };
}
