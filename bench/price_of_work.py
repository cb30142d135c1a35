#!/usr/bin/env python3
"""Measures the price of work on this machine: CPU time of a worker for an operation of a sweep, and for a coordinate of
the vectors of an inner iteration. These are seconds-per-operation and vector-operations of the fleet models.

    bench/price_of_work.py [--runner build/release/bin/runner] [--repeat 5]

Two runs of one worker on a thread that differ only in their number of rounds: the difference of their CPU times, over the
difference of their operations, knows neither of starting nor of reading data. CPU time, not wall time: other jobs on the
machine matter little. The coordinator's share is in it: it updates z, of length d, once for many inner iterations.
"""
import argparse
import csv
import gzip
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

# Nearly all work is sweeps; sweeps and vectors are about alike, and every feature occurs.
SWEEPS = "n=400000,d=1000,density=0.01"
VECTORS = "n=2000,d=400000,density=0.001"
METHOD = ["--rho", "1", "--rho-policy", "fixed", "--solver", "fista", "--inner-min", "20", "--inner-max", "20"]


def run(runner, spec, rounds):
    """CPU seconds, operations on nonzeros, inner iterations x d."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "run"
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run([runner, "--fleet", "threads", "--workers", "1", "--synthetic", spec, *METHOD, "--stop", "none",
                               "--max-rounds", str(rounds), "--quiet", "--output", str(out)])
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        if done.returncode != 3:
            sys.exit(f"exit code {done.returncode}")
        data = json.loads((out / "run.json").read_text())["data"]
        with gzip.open(out / "workers.csv.gz", "rt", newline="") as file:
            tasks = list(csv.DictReader(file))
        sweeps = sum(int(task["passes"]) for task in tasks) * data["nonzeros"] + sum(int(task["dense_work"]) for task in tasks)
        vectors = sum(int(task["inner_iterations"]) for task in tasks) * data["features"]
        return cpu, sweeps, vectors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", default="build/release/bin/runner")
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    prices, weights = [], []
    for _ in range(asked.repeat):
        differences = []
        for spec, rounds in ((SWEEPS, 8), (VECTORS, 20)):
            short, long = run(asked.runner, spec, 2), run(asked.runner, spec, rounds)
            differences.append([b - a for a, b in zip(short, long)])
        (cpu_s, sweeps_s, vectors_s), (cpu_v, sweeps_v, vectors_v) = differences
        # cpu = price x sweeps + per_coordinate x vectors, twice.
        determinant = sweeps_s * vectors_v - sweeps_v * vectors_s
        price = (cpu_s * vectors_v - cpu_v * vectors_s) / determinant
        per_coordinate = (sweeps_s * cpu_v - sweeps_v * cpu_s) / determinant
        prices.append(price)
        weights.append(per_coordinate / price)
    for name, values, unit in (("seconds-per-operation", prices, "s"), ("vector-operations", weights, "")):
        print(f"{name:<22} median {statistics.median(values):.3g} {unit}, {min(values):.3g} to {max(values):.3g}")
    print(f"of {asked.repeat} measurements on {os.uname().machine}, {os.cpu_count()} CPUs")


if __name__ == "__main__":
    main()
