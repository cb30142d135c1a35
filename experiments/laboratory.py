"""What the experiments share: runs the runner on a list of cases and keeps one row a case in results.csv.

Rows are written as runs finish, and cases that have a row are skipped, so an interrupted experiment resumes.
Nothing else is kept: delete results.csv, or rows of it, to make them anew. Standard library only.
"""

import argparse
import concurrent.futures
import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def parse_arguments(folder, description):
    """The options of every experiment; folder is where its results.csv is."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runner", default=os.path.join(ROOT, "build", "release", "bin", "runner"))
    parser.add_argument("--quick", action="store_true",
                        help="a small version, kept in build/experiments")
    parser.add_argument("--processes", type=int, default=2, choices=(1, 2),
                        help="runs at a time")
    parser.add_argument("--draw", action="store_true",
                        help="no runs: only the table and the picture, from results.csv")
    arguments = parser.parse_args()
    if arguments.quick:
        folder = os.path.join(ROOT, "build", "experiments", os.path.basename(folder))
        os.makedirs(folder, exist_ok=True)
    arguments.folder = folder
    arguments.runner = os.path.abspath(arguments.runner)
    arguments.results = os.path.join(folder, "results.csv")
    if not arguments.draw and not os.access(arguments.runner, os.X_OK):
        parser.error(f"no program at {arguments.runner}; scripts/demo builds it")
    return arguments


class Run:
    """One finished run: what --json said, and the rows of iterations.csv."""

    def __init__(self, summary, rounds):
        self.summary = summary
        self.rounds = rounds

    def first_within(self, gap):
        """(round, virtual seconds) of the first update within the gap, or None."""
        for row in self.rounds:
            if float(row["gap"]) <= gap:
                return int(row["round"]), float(row["virtual_s"])
        return None


def solve(runner, options):
    """Runs it once. Limits and divergence are results too; anything else is an error."""
    directory = tempfile.mkdtemp(prefix="laggard-")
    try:
        command = [runner, *options, "--output", directory, "--overwrite", "--json", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if done.returncode not in (0, 3, 5):
            raise RuntimeError(f"exit code {done.returncode} of: {' '.join(command)}\n{done.stderr}")
        with open(os.path.join(directory, "iterations.csv"), newline="") as file:
            return Run(json.loads(done.stdout), list(csv.DictReader(file)))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def read(path):
    """The rows of results.csv as dictionaries of text, none if there is no file."""
    if not os.path.exists(path):
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def run_all(arguments, keys, values, cases, options_of, measure):
    """Makes the missing rows of results.csv.

    cases are dictionaries with the columns named by keys; options_of(case) gives the runner's options;
    measure(case, run) gives the columns named by values.
    """
    name = os.path.basename(arguments.folder)
    cases = [{key: str(case[key]) for key in keys} for case in cases]
    identity = lambda row: tuple(row[key] for key in keys)
    have = {identity(row) for row in read(arguments.results)}
    waiting = [case for case in cases if identity(case) not in have]
    print(f"{name}: {len(cases)} runs, {len(cases) - len(waiting)} of them already in "
          f"{os.path.relpath(arguments.results, ROOT)}", file=sys.stderr)
    if not have:
        with open(arguments.results, "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow([*keys, *values])
    lock = threading.Lock()
    done = 0

    def one(case):
        nonlocal done
        start = time.monotonic()
        row = {**case, **measure(case, solve(arguments.runner, options_of(case)))}
        with lock:
            with open(arguments.results, "a", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow([row[c] for c in [*keys, *values]])
            done += 1
            print(f"{name}: {done}/{len(waiting)} {' '.join(identity(case))} "
                  f"({time.monotonic() - start:.1f} s)", file=sys.stderr)

    with concurrent.futures.ThreadPoolExecutor(arguments.processes) as pool:
        futures = [pool.submit(one, case) for case in waiting]
        try:
            for future in concurrent.futures.as_completed(futures):
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    # In the order of the cases, so that a resumed experiment leaves the same file.
    order = {identity(case): place for place, case in enumerate(cases)}
    rows = sorted(read(arguments.results), key=lambda row: order.get(identity(row), len(order)))
    with open(arguments.results, "w", newline="") as file:
        writer = csv.DictWriter(file, [*keys, *values], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def number(text):
    """A float; infinity for an empty field, which means not reached."""
    return float(text) if text != "" else math.inf


def middle(numbers):
    """(least, median, greatest); infinities count as not reached."""
    ordered = sorted(numbers)
    half = len(ordered) // 2
    median = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return ordered[0], median, ordered[-1]


def text(value, digits=3):
    """A number for a table, or a dash for one that was not reached."""
    if math.isinf(value) or math.isnan(value):
        return "-"
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits - 1}e}"
    magnitude = 0 if value == 0 else math.floor(math.log10(abs(value)))
    return f"{value:.{max(0, digits - 1 - magnitude)}f}"


def print_table(header, rows):
    """A Markdown table on stdout, as it stands in the README."""
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    line = lambda cells: "| " + " | ".join(str(c).ljust(w) for c, w in zip(cells, widths)) + " |"
    print(line(header))
    print("|" + "|".join("-" * (w + 2) for w in widths) + "|")
    for row in rows:
        print(line(row))
