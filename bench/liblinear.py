#!/usr/bin/env python3
"""Solving the paper's instance with l1:1, beside liblinear -s 6 -e 0.01 (Debian: liblinear-dev, liblinear-tools).

    bench/liblinear.py [--build build/release] [--repeat 3] [--json]

In memory: 64 workers as threads, all options at their defaults, until a relative gap of 1e-4, beside liblinear's train() on
arrays that are there. File to model: runner --data and liblinear-train on the same svmlight text (149 MB), reading included,
with one worker, and with two, to the certified gap of the defaults. Ratios are medians of those of the repetitions. Goals: 0.5 in memory,
0.4 of the time and 0.6 of the memory from the file.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

INSTANCE = ["--synthetic", "n=600000,d=10000,density=0.001"]


def run(command, cache):
    """Its output, its wall and its CPU seconds, and MB at the peak."""
    start = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env={**os.environ, "LAGGARD_CACHE_DIR": cache})
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]}: exit code {process.returncode}")
    return output, time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    programs = pathlib.Path(asked.build) / "bin"
    peer = programs / "liblinear_solver"
    if not peer.exists():
        sys.exit(f"{peer}: is not there; expected a build with liblinear-dev installed")
    runner = [programs / "runner", "--fleet", "threads", "--quiet", "--json"]
    in_memory, from_file = [], {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        file, model = f"{folder}/paper.svm", f"{folder}/model"
        run([peer, "write", file], folder)
        solve = [*runner, *INSTANCE, "--workers", "64", "--target-gap", "1e-4"]
        run(solve, folder)  # finds the optimum, which is kept
        for _ in range(asked.repeat):
            theirs = float(run([peer, "train", "0.01"], folder)[0].split()[0])
            in_memory.append((json.loads(run(solve, folder)[0])["solving_seconds"], theirs))
            theirs = run(["liblinear-train", "-q", "-s", "6", "-e", "0.01", file, model], folder)
            for workers in (1, 2):
                ours = run([*runner, "--data", file, "--workers", str(workers), "--output", f"{folder}/run", "--overwrite"], folder)
                from_file[workers].append((*ours[1:], *theirs[1:]))
    ratios = {"ADMM in memory, 64 workers, over liblinear": statistics.median(a / b for a, b in in_memory)}
    for workers, rows in from_file.items():
        name = "file to model over liblinear" + (f", {workers} workers" if workers > 1 else "")
        for i, what in enumerate(("", ", CPU", ", memory")):
            ratios[name + what] = statistics.median(row[i] / row[3 + i] for row in rows)
    if asked.json:
        print(json.dumps(ratios))
        return
    for a, b in in_memory:
        print(f"in memory      {a:.2f} s   liblinear {b:.2f} s")
    for workers, (a, cpu_a, mb_a, b, cpu_b, mb_b) in ((w, row) for w, rows in from_file.items() for row in rows):
        print(f"file to model  W = {workers}  {a:.2f} s   liblinear {b:.2f} s   CPU {cpu_a:.2f} and {cpu_b:.2f} s   {mb_a:.0f} and {mb_b:.0f} MB")
    for name, ratio in ratios.items():
        print(f"{name:<46} {ratio:.2f}")


if __name__ == "__main__":
    main()
