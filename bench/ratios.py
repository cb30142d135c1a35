#!/usr/bin/env python3
"""Ratios of this version to its peers and to itself, as JSON; and how those of two versions differ.

    bench/ratios.py measure [--build build/release] > new.json
    bench/ratios.py compare old.json new.json [--worse 0.1]

`measure` runs benchmarks and scripts of this folder whose ratios are taken in one run, or are of CPU time; less is better
throughout. `compare` prints both and ends with 1 if one of them is worse by more than the share --worse.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def times(program, names):
    """CPU nanoseconds of benchmarks by name: the least of five, for other work only adds."""
    pattern = "^(" + "|".join(names) + ")(/|$)"
    done = subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_repetitions=5", "--benchmark_format=json"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    units = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
    least = {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row["run_type"] == "iteration" and "error_occurred" not in row:
            name = row["run_name"].removesuffix("/real_time")
            least[name] = min(least.get(name, float("inf")), row["cpu_time"] * units[row["time_unit"]])
    return least


def measure(build):
    programs = pathlib.Path(build) / "bin"
    kernel = times(programs / "bench_loss_gradient", ["gradient_by_eigen", "gradient/threads:1", "margins_by_std", "margins"])
    ratios = {"gradient over Eigen": kernel["gradient/threads:1"] / kernel["gradient_by_eigen"]}
    for width, name in enumerate(["SSE2", "AVX2", "AVX-512"]):
        if f"margins/width:{width}" in kernel:
            ratios[f"margin, {name}, over std"] = kernel[f"margins/width:{width}"] / kernel["margins_by_std"]
    done = subprocess.run([sys.executable, HERE / "simulator.py", "--build", build, "--json"], stdout=subprocess.PIPE, check=True)
    simulator = json.loads(done.stdout)
    ratios["simulated worker-round over SimGrid's recorded one"] = simulator["over_simgrid"]
    ratios["the same, 10,000 workers over 256"] = simulator["of_10000_over_256"]
    ratios["overhead of sim"] = simulator["simulator_overhead"]
    ratios["1,000 replays over 5 s"] = simulator["replays_cpu_seconds"] / 5
    if (programs / "zeromq_star").exists():
        done = subprocess.run([sys.executable, HERE / "star.py", "--build", build, "--json"], stdout=subprocess.PIPE, check=True)
        ratios.update(json.loads(done.stdout))
    if (programs / "liblinear_solver").exists():
        done = subprocess.run([sys.executable, HERE / "liblinear.py", "--build", build, "--json"], stdout=subprocess.PIPE, check=True)
        ratios.update(json.loads(done.stdout))
    commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], stdout=subprocess.PIPE, text=True).stdout.strip()
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return {"commit": commit, "cpu": cpu, "cores": os.cpu_count(), "ratios": ratios}


def compare(old, new, worse):
    print(f"{'':<52} {old['commit'][:12]:>12} {new['commit'][:12]:>12}  change")
    bad = 0
    for name in sorted(old["ratios"].keys() | new["ratios"].keys()):
        a, b = old["ratios"].get(name), new["ratios"].get(name)
        if a is None or b is None:
            print(f"{name:<52} {'-' if a is None else f'{a:.3f}':>12} {'-' if b is None else f'{b:.3f}':>12}")
            continue
        is_worse = b > a * (1 + worse)
        bad += is_worse
        print(f"{name:<52} {a:12.3f} {b:12.3f} {100 * (b / a - 1):+6.0f} %{'  worse' if is_worse else ''}")
    if old["cpu"] != new["cpu"]:
        print(f"on different machines: {old['cpu']} and {new['cpu']}")
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure")
    measuring.add_argument("--build", default="build/release")
    comparing = commands.add_parser("compare")
    comparing.add_argument("old")
    comparing.add_argument("new")
    comparing.add_argument("--worse", type=float, default=0.1)
    asked = parser.parse_args()
    if asked.command == "measure":
        json.dump(measure(asked.build), sys.stdout, indent=2)
        print()
        return 0
    return compare(json.loads(pathlib.Path(asked.old).read_text()), json.loads(pathlib.Path(asked.new).read_text()), asked.worse)


if __name__ == "__main__":
    sys.exit(main())
