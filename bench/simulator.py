#!/usr/bin/env python3
"""What simulating costs on this machine, beside what is known of others.

    bench/simulator.py [--build build/release] [--rounds 25] [--repeat 3] [--json]

  event       one worker-round (a task, two messages) with no mathematics, by bench_sim_events: CPU time, with 256 and with
              10,000 workers. The peer is SimGrid 3.32 at the same: 11.3 us, recorded once on another machine.
  overhead    what the simulator adds to the mathematics of the paper's instance with 256 workers: simulator_overhead of a
              run, as `runner columns` defines it. The median of several; goal: below 3 %.
  replays     1,000 runs of 25 rounds with 256 workers that meet recorded times and compute nothing, by bench_sim_events:
              seconds of CPU on one thread, and of wall time on two; goal: below 5.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys

SIMGRID_US = 11.3
INSTANCE = "n=600000,d=10000,density=0.001"


def benchmarks(program, name):
    """The rows of a benchmark, run three times."""
    done = subprocess.run([program, f"--benchmark_filter=^{name}/", "--benchmark_repetitions=3", "--benchmark_format=json"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return [row for row in json.loads(done.stdout)["benchmarks"] if row["run_type"] == "iteration"]


def least(rows, begin, key):
    """Of those whose name begins so: other work only adds."""
    return min(row[key] for row in rows if row["name"].startswith(begin + "/"))


def overhead(runner, rounds):
    command = [runner, "--fleet", "sim", "--workers", "256", "--synthetic", INSTANCE, "--stop", "none",
               "--max-rounds", str(rounds), "--json", "--quiet"]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if done.returncode != 3:
        sys.exit(f"exit code {done.returncode}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    programs = pathlib.Path(asked.build) / "bin"
    rows = benchmarks(programs / "bench_sim_events", "worker_round")
    event = {workers: 1e9 * least(rows, f"worker_round/{workers}", "each") for workers in (256, 10000)}
    rows = benchmarks(programs / "bench_sim_events", "replays/1000")
    runs = [overhead(programs / "runner", asked.rounds) for _ in range(asked.repeat)]
    shares = [run["simulator_overhead"] for run in runs]
    found = {
        "worker_round_us": event[256] / 1000,
        "over_simgrid": event[256] / 1000 / SIMGRID_US,
        "worker_round_10000_us": event[10000] / 1000,
        "of_10000_over_256": event[10000] / event[256],
        "simulator_overhead": statistics.median(shares),
        "replays_cpu_seconds": least(rows, "replays/1000/1", "cpu_time") / 1e3,
        "replays_two_threads_seconds": least(rows, "replays/1000/2", "real_time") / 1e3,
    }
    if asked.json:
        print(json.dumps(found))
        return
    last = runs[-1]
    print(f"worker-round, 256 workers      {found['worker_round_us']:6.2f} us   {found['over_simgrid']:.3f} x SimGrid's recorded {SIMGRID_US} us")
    print(f"worker-round, 10,000 workers   {found['worker_round_10000_us']:6.2f} us   {found['of_10000_over_256']:.2f} x that with 256")
    print(f"overhead of sim                {100 * found['simulator_overhead']:6.2f} %    {', '.join(f'{100 * share:.2f}' for share in shares)} in {asked.repeat} runs of {asked.rounds} rounds;"
          f" the last: {last['simulator_seconds']:.3f} s over {last['task_seconds']:.2f} + {last['coordinator_seconds']:.2f} + {last['objective_seconds']:.2f} s")
    print(f"1,000 replays of 25 rounds     {found['replays_cpu_seconds']:6.2f} s of CPU on one thread, {found['replays_two_threads_seconds']:.2f} s of wall time on two")


if __name__ == "__main__":
    main()
