#!/usr/bin/env python3
"""Runs a command for real, then predicts the time that it took from the times that its workers recorded.

    bench/predict.py --runner build/release/bin/runner [--fleet threads|local] [--protocols sync,async,...]
                     [--repeat N] [--within 0.15] -- OPTIONS OF runner

For each protocol: a run on the fleet with --output, then one on sim with --straggler trace:.../workers.csv.gz.
Task times are the recorded ones. What is left is the way between coordinator and workers, which the recording
tells of too:

  service time   the coordinator's time for a message. Busy is from the last arrival before an update to the last
                 task that is sent before the next arrival: it handled that report, made z and sent those messages
                 (tasks, and words to stop). Service time is the sum of the busy times over the number of the messages.
  latency        such that the mean communication (delay - compute) comes out as recorded: half of what is missing
                 in a first simulation without latency; not below 0. Queueing at the coordinator and at a worker
                 with several tasks is in both.
  bandwidth      without bound: on loopback it is part of the two above.
  cold start     each as recorded (fleet.csv is beside workers.csv.gz), and of incarnations that were not, the mean of the
                 first ones; 0 for threads. They are invoked at --invoke-rate on both fleets.

Ends with 1 if a prediction is off by more than --within.
"""
import argparse
import bisect
import csv
import gzip
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

PROTOCOLS = ["sync", "async", "partial_barrier", "coded"]


def run(runner, options, output):
    command = [runner, *options, "--output", str(output), "--json", "--quiet"]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if done.returncode not in (0, 3):
        sys.exit(f"exit code {done.returncode} of {' '.join(command)}")
    return json.loads(done.stdout)


def read_rows(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text else None


def service_time(tasks, updates):
    dispatched = sorted(number(t["dispatched"]) for t in tasks)
    arrived = sorted(number(t["arrived"]) for t in tasks if t["arrived"])
    stops = {}
    for task in tasks:
        if task["outcome"] == "revoked":
            stops[int(task["round"])] = stops.get(int(task["round"]), 0) + 1
    busy, messages = 0.0, 0
    for update in updates:
        at = number(update["virtual_s"])
        i = bisect.bisect_right(arrived, at)
        if i == 0:
            continue
        until = arrived[i] if i < len(arrived) else float("inf")
        first, last = bisect.bisect_left(dispatched, at), bisect.bisect_left(dispatched, until)
        if first == last:
            continue
        busy += dispatched[last - 1] - arrived[i - 1]
        messages += 1 + last - first + stops.get(int(update["round"]), 0)
    return busy / messages if messages else 0.0


def cold_start(directory):
    lives = [life for life in read_rows(directory / "fleet.csv") if life["incarnation"] == "1"]
    times = [number(life["cold_start"]) for life in lives if life["cold_start"]]
    return statistics.mean(times) if times else 0.0


def predict(runner, options, measured, communication, root):
    tasks = read_rows(measured / "workers.csv.gz")
    service = service_time(tasks, read_rows(measured / "iterations.csv"))
    network = {"service-time": f"{service},0", "masters": 1, "bandwidth": "inf", "cold-start": cold_start(measured),
               "function-timeout": "none"}
    model = [word for name, value in network.items() for word in (f"--{name}", str(value))]
    trace = ["--fleet", "sim", "--straggler", f"trace:{measured / 'workers.csv.gz'}"]
    simulate = lambda latency, name: run(
        runner, [*options, *trace, *model, "--latency", str(latency)], root / name)
    first = simulate(0, "without_latency")
    latency = max(0.0, (communication - first["mean_seconds"]["communication"]) / 2)
    return simulate(latency, "predicted"), latency, service


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", default="build/release/bin/runner")
    parser.add_argument("--fleet", default="threads")
    parser.add_argument("--protocols", default=",".join(PROTOCOLS))
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--within", type=float, default=0.15)
    parser.add_argument("options", nargs="*", help="of runner, after --")
    asked = parser.parse_args()

    worst = 0.0
    print(f"{'protocol':<16} {'measured s':>11} {'predicted s':>11} {'ratio':>7} {'latency us':>11} {'service us':>11}")
    for protocol in asked.protocols.split(","):
        for _ in range(asked.repeat):
            with tempfile.TemporaryDirectory(prefix="laggard-predict-") as temporary:
                root = pathlib.Path(temporary)
                options = [*asked.options, "--protocol", protocol]
                real = run(asked.runner, [*options, "--fleet", asked.fleet], root / "measured")
                model, latency, service = predict(asked.runner, options, root / "measured",
                                                  real["mean_seconds"]["communication"], root)
            measured, predicted = real["virtual_seconds"], model["virtual_seconds"]
            ratio = predicted / measured
            worst = max(worst, abs(ratio - 1))
            print(f"{protocol:<16} {measured:>11.4f} {predicted:>11.4f} {ratio:>7.3f} {1e6 * latency:>11.1f} "
                  f"{1e6 * service:>11.1f}", flush=True)
    print(f"worst deviation {100 * worst:.1f} %, expected at most {100 * asked.within:.0f} %")
    sys.exit(0 if worst <= asked.within else 1)


if __name__ == "__main__":
    main()
