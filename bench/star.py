#!/usr/bin/env python3
"""A round of the fleet of processes, beside one of ZeroMQ.

    bench/star.py [--build build/release] [--workers 64,256] [--numbers 10000] [--repeat 5] [--json]

A round sends z to W worker processes over loopback TCP and takes as many numbers back from each. Ours is a step of gd on ten
rows a worker, the workers' computing and the coordinator's included. ZeroMQ's is peers/zeromq_star.cpp: ROUTER with two
I/O threads, DEALERs, a vector halved and summed. A round's time is the slope between a short and a long run, so that starting
is out of it; of all programs' CPU time as of wall time. All are run one after the other, again and again; ratios are medians
of those of the single repetitions. Goals: plain 0.5, f32 0.3 of ZeroMQ; TLS 2 of plain.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

def run(command):
    """Its output, and the CPU seconds of it and of all that it waited for."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        sys.exit(f"{command[0]}: exit code {process.returncode}")
    return output, usage.ru_utime + usage.ru_stime


def ours(programs, workers, numbers, rounds, options):
    output, cpu = run([programs / "runner", "--fleet", "local", "--workers", str(workers), "--method", "gd", "--regularizer", "l2:1",
                       "--synthetic", f"n={10 * workers},d={numbers},density=0.001", "--invoke-rate", "inf", "--stop", "none",
                       "--max-rounds", str(rounds), "--quiet", "--json", *options])
    return json.loads(output)["solving_seconds"], cpu


def zeromq(programs, workers, numbers, rounds, options):
    output, cpu = run([programs / "zeromq_star", str(workers), str(numbers), str(rounds)])
    return float(output), cpu


KINDS = {
    "ZeroMQ": (zeromq, []),
    "plain": (ours, ["--transport", "plain"]),
    "f32": (ours, ["--transport", "plain", "--wire", "f32"]),
    "TLS": (ours, ["--transport", "tls"]),
}


def measure(programs, kinds, workers, numbers, rounds, repeat):
    """Milliseconds of a round by kind: wall and CPU, of each repetition."""
    short, long = rounds
    found = {kind: [] for kind in kinds}
    for _ in range(repeat):
        for kind in kinds:
            program, options = KINDS[kind]
            a, b = (program(programs, workers, numbers, k, options) for k in (short, long))
            found[kind].append([1000 * (y - x) / (long - short) for x, y in zip(a, b)])
    return found


def ratio(found, kind, peer, which):
    return statistics.median(a[which] / b[which] for a, b in zip(found[kind], found[peer]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--workers", default="64,256")
    parser.add_argument("--numbers", type=int, default=10000)
    parser.add_argument("--rounds", default="20,120", help="of the short and the long run [20,120]")
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"of {', '.join(KINDS)} [all]")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    programs = pathlib.Path(asked.build) / "bin"
    if not (programs / "zeromq_star").exists():
        sys.exit(f"{programs}/zeromq_star: is not there; expected a build with libzmq3-dev installed")
    rounds = [int(k) for k in asked.rounds.split(",")]
    kinds = asked.kinds.split(",")
    ratios = {}
    for workers in map(int, asked.workers.split(",")):
        found = measure(programs, kinds, workers, asked.numbers, rounds, asked.repeat)
        for kind in kinds:
            wall, cpu = (statistics.median(each) for each in zip(*found[kind]))
            line = f"W = {workers:<4} {kind:<7} {wall:8.2f} ms   {cpu:8.2f} ms CPU"
            for peer in ("ZeroMQ", "plain") if kind == "TLS" else ("ZeroMQ",):
                if kind == peer or peer not in found:
                    continue
                by_wall, by_cpu = (ratio(found, kind, peer, which) for which in (0, 1))
                ratios[f"star of {workers}, {kind} over {peer}"] = by_wall
                ratios[f"star of {workers}, {kind} over {peer}, CPU"] = by_cpu
                line += f"   {by_wall:.2f} x {peer}, {by_cpu:.2f} x its CPU"
            if not asked.json:
                print(line, flush=True)
    if asked.json:
        print(json.dumps(ratios))


if __name__ == "__main__":
    main()
