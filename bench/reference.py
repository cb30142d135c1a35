#!/usr/bin/env python3
"""CPU time of the reference optimum, certified to a kkt of 1e-10, beside liblinear's to -e 1e-4 and 1e-8 (Debian: liblinear-tools).

    bench/reference.py [--runner build/release/bin/runner]

Both read the same text; liblinear's time has that in it, ours is what a run with a reference takes longer than one without.
"""
import argparse
import gzip
import os
import pathlib
import subprocess
import tempfile

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
PROBLEMS = [(name, "l2:1", "0") for name in ("a9a", "mushrooms", "rcv1_1500")]
PROBLEMS += [(name, "l1:1", "6") for name in ("a9a", "mushrooms", "rcv1_1500")]


def seconds(command):
    """Of CPU, the least of three."""
    least = float("inf")
    for _ in range(3):
        with tempfile.TemporaryDirectory() as cache:
            before = os.times()
            done = subprocess.run(command, capture_output=True, env={**os.environ, "LAGGARD_CACHE_DIR": cache})
            after = os.times()
        if done.returncode not in (0, 3):
            raise SystemExit(f"{' '.join(command)}: {done.stderr.decode()}")
        used = after.children_user + after.children_system - before.children_user - before.children_system
        least = min(least, used)
    return least


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", default="build/release/bin/runner")
    asked = parser.parse_args()
    print("| data | h | liblinear 1e-4, s | 1e-8, s | reference, s | ratio to 1e-8 |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, regularizer, solver in PROBLEMS:
            file = pathlib.Path(folder) / f"{name}.svm"
            file.write_bytes(gzip.decompress((DATA / f"{name}.svm.gz").read_bytes()))
            peer = [seconds(["liblinear-train", "-s", solver, "-e", e, str(file), "/dev/null"]) for e in ("1e-4", "1e-8")]
            run = [asked.runner, "--data", str(file), "--regularizer", regularizer, "--workers", "1", "--stop", "none",
                   "--max-rounds", "1", "--quiet", "--reference"]
            ours = seconds(run + ["auto"]) - seconds(run + ["none"])
            print(f"| {name} | {regularizer} | {peer[0]:.3f} | {peer[1]:.3f} | {ours:.3f} | {ours / peer[1]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
