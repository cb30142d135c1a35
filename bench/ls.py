#!/usr/bin/env python3
"""How long `runner ls` takes over many runs.

    bench/ls.py [RUNNER] [RUNS]

makes one run, copies its run.json into RUNS folders (10000), and prints the best of five times of a
listing, of one with a filter, and of the first, which makes the index.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

RUNNER = sys.argv[1] if len(sys.argv) > 1 else "build/release/bin/runner"
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 10000


def seconds(*arguments):
    begin = time.perf_counter()
    subprocess.run([RUNNER, "ls", *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


with tempfile.TemporaryDirectory() as folder:
    cells = pathlib.Path(folder, "cells")
    subprocess.run([RUNNER, "--max-rounds", "5", "--stop", "none", "--quiet", "--output", f"{folder}/cells/first"])
    run = json.loads((cells / "first/run.json").read_text())
    for i in range(1, RUNS):
        run["id"], run["seed"] = f"{i:016x}", i
        (cells / run["id"]).mkdir()
        (cells / run["id"] / "run.json").write_text(json.dumps(run))
    print(f"{RUNS} runs")
    print(f"the first time      {seconds(folder):.3f} s")
    print(f"again               {min(seconds(folder) for _ in range(5)):.3f} s")
    print(f"--only seed>{RUNS - 9}     {min(seconds(folder, '--only', f'seed>{RUNS - 9}') for _ in range(5)):.3f} s")
    print(f"--only rho>1        {min(seconds(folder, '--only', 'rho>1') for _ in range(5)):.3f} s")
