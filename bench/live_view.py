#!/usr/bin/env python3
"""Measures what --serve costs a run: CPU time of the runner with a page that is looked at, over that without.

    bench/live_view.py [--runner build/release/bin/runner] [--repeat 5] [--chromium /usr/bin/chromium] [-- OPTIONS...]

Runs alternate, so that a machine that changes its speed changes both. With --chromium a browser without a window looks at the
page; otherwise a reader of the stream does. CPU time, not wall time: the browser's own work is not the runner's, and other
jobs on the machine matter little.
"""
import argparse
import os
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time

RUN = ["--synthetic", "n=100000,d=500,density=0.02", "--workers", "64", "--protocol", "async", "--stop", "none",
       "--max-rounds", "600"]


def read_stream(port):
    with socket.create_connection(("127.0.0.1", port)) as stream:
        stream.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        try:
            while stream.recv(1 << 16):
                pass
        except ConnectionError:
            pass


def run(runner, options, chromium):
    """CPU and wall seconds of a run; with a viewer where it serves."""
    serves = "--serve" in options
    begin = time.monotonic()
    process = subprocess.Popen([runner, "--quiet", *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    viewer = None
    if serves:
        port = int(re.search(r":(\d+)/", process.stderr.readline()).group(1))
        if chromium:
            folder = tempfile.TemporaryDirectory()
            viewer = subprocess.Popen([chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder.name}",
                                       "--remote-debugging-port=0", f"http://127.0.0.1:{port}/"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        else:
            threading.Thread(target=read_stream, args=(port,), daemon=True).start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if viewer:
        viewer.kill()
        viewer.wait()
    if process.returncode not in (0, 3):
        raise SystemExit(f"the run ended with exit code {process.returncode}: {process.stderr.read()}")
    return usage.ru_utime + usage.ru_stime, wall


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", default="build/release/bin/runner")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--chromium")
    parser.add_argument("options", nargs="*", default=RUN)
    arguments = parser.parse_args()
    ratios = []
    for _ in range(arguments.repeat):
        without, wall_without = run(arguments.runner, arguments.options, None)
        looked_at, wall = run(arguments.runner, [*arguments.options, "--serve"], arguments.chromium)
        ratios.append(looked_at / without)
        print(f"CPU {without:.2f} s without, {looked_at:.2f} s with --serve: {100 * (ratios[-1] - 1):+.2f} %"
              f"   (wall {wall_without:.2f} s, {wall:.2f} s)", flush=True)
    print(f"median {100 * (statistics.median(ratios) - 1):+.2f} %, from {100 * (min(ratios) - 1):+.2f} to {100 * (max(ratios) - 1):+.2f} %")


if __name__ == "__main__":
    main()
