#!/usr/bin/env python3
"""Work of sync ADMM beside liblinear's, in passes over the data, until the objective is within 1e-6 of the optimum.

    bench/passes.py [--runner build/release/bin/runner] [--workers 16] [--gap 1e-6]      (Debian: liblinear-tools)

A pass is one multiplication by A or by its transpose. liblinear's trust-region Newton method (l2:1) takes two for an iteration
of CG and three for a step; the objective of each step is what it has still to lose. Its newGLMNET (l1:1) takes about two
for a cycle of coordinate descent, one to use a column and one to keep the margins, and three for a step; the loosest of the
stops 1e-1, 1e-1.25, ... is taken whose objective is good enough.

Exact Newton steps make fewer passes for work on dense matrices. The last column has that too, in passes that take as long.
"""
import argparse
import csv
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
CLASSES = ("heart", "a9a", "mushrooms", "rcv1_1500")
# data, loss, regulariser, liblinear's solver and what it multiplies its loss by
PROBLEMS = [(name, loss, "l2:1", solver) for loss, solver in (("logistic", ["-s", "0"]), ("squared_hinge", ["-s", "2", "-c", "{}"]))
            for name in CLASSES]
PROBLEMS += [(name, "logistic", "l1:1", ["-s", "6"]) for name in CLASSES]
PROBLEMS += [("communities", "squared", "l2:1", ["-s", "11", "-p", "0", "-c", "0.5"])]


def liblinear(file, options, epsilon):
    done = subprocess.run(["liblinear-train", *options, "-e", str(epsilon), str(file), "/dev/null"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"liblinear-train: {done.stderr or done.stdout}")
    return done.stdout


def newton_passes(file, options, gap):
    """Passes until what all later steps gain is below the gap."""
    text = liblinear(file, options, 1e-10)
    steps = [(float(act), int(cg)) for act, cg in re.findall(r"act (\S+) .* CG +(\d+)", text)]
    optimum = float(re.findall(r" f (\S+) ", text)[-1])
    left = sum(act for act, _ in steps)
    passes = 0
    for act, cg in steps:
        passes += 2 * cg + 3
        left -= act
        if left <= gap * optimum:
            break
    return passes


def coordinate_passes(file, options, gap):
    def solve(epsilon):
        text = liblinear(file, options, epsilon)
        cycles = [int(n) for n in re.findall(r"#CD cycles (\d+)", text)]
        return float(re.search(r"Objective value = (\S+)", text)[1]), 2 * sum(cycles) + 3 * len(cycles)

    best = solve(1e-7)[0]
    for quarter in range(4, 29):
        objective, passes = solve(10 ** (-quarter / 4))
        if objective - best <= gap * best:
            return passes
    sys.exit("liblinear does not get there")


def work_of(runner, options, folder):
    """Of a run of sync: what it tells, and its dense work in passes over the data."""
    done = subprocess.run([runner, *options, "--json", "--quiet", "--output", folder, "--overwrite"], stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"exit code {done.returncode} of {' '.join(map(str, done.args))}")
    nonzeros = json.loads((folder / "run.json").read_text())["data"]["nonzeros"]
    with gzip.open(folder / "workers.csv.gz", "rt", newline="") as file:
        dense = sum(int(task["dense_work"]) for task in csv.DictReader(file))
    return json.loads(done.stdout), dense / nonzeros


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", default="build/release/bin/runner")
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--gap", type=float, default=1e-6)
    asked = parser.parse_args()
    print("| data | loss | h | liblinear | sync | rounds | ratio | dense work |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, loss, regularizer, options in PROBLEMS:
            file = pathlib.Path(folder) / name
            if not file.exists():
                file.write_bytes(gzip.decompress((DATA / f"{name}.svm.gz").read_bytes()))
            # squared_hinge is half the square of what is missing, liblinear's the whole.
            options = [o.format("0.5") for o in options]
            peer = (coordinate_passes if regularizer == "l1:1" else newton_passes)(file, options, asked.gap)
            ours, dense = work_of(asked.runner, ["--data", name, "--loss", loss, "--regularizer", regularizer, "--workers",
                                                 str(asked.workers), "--target-gap", str(asked.gap)], pathlib.Path(folder) / "run")
            print(f"| {name} | {loss} | {regularizer} | {peer} | {ours['passes']:.0f} | {ours['rounds']} | {ours['passes'] / peer:.1f} "
                  f"| {dense:.0f} |", flush=True)


if __name__ == "__main__":
    main()
