#!/usr/bin/env python3
"""Seconds of one epoch of minibatch SGD on a9a beside scikit-learn's SGDClassifier, in the same run.

    bench/sgd_epoch.py [--runner build/release/bin/runner] [--batch 64] [--times 9]      (pip: scikit-learn)

Laggard's is what its one worker, a thread, computed: one epoch of local_sgd with --average-every epoch. scikit-learn's is fit() with
max_iter=1, which takes each sample by itself; both have the logistic loss and no regulariser. Least of several times each, in turn.
"""
import argparse
import gzip
import io
import json
import pathlib
import subprocess
import sys
import time
import warnings

from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import SGDClassifier

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "a9a.svm.gz"


def laggard(runner, batch):
    command = [runner, "--data", str(DATA), "--workers", "1", "--fleet", "threads", "--method", "local_sgd", "--regularizer", "none",
               "--batch", str(batch), "--stop", "none", "--max-rounds", "1", "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 3:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)["compute_seconds"]


def scikit_learn(rows, labels):
    classifier = SGDClassifier(loss="log_loss", penalty=None, learning_rate="constant", eta0=0.1, fit_intercept=False, max_iter=1,
                               tol=None, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begin = time.perf_counter()
        classifier.fit(rows, labels)
        return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", default="build/release/bin/runner")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--times", type=int, default=9)
    options = parser.parse_args()
    rows, labels = load_svmlight_file(io.BytesIO(gzip.decompress(DATA.read_bytes())))
    rows.indices, rows.indptr = rows.indices.astype("int32"), rows.indptr.astype("int32")
    ours, theirs = [], []
    for _ in range(options.times):
        ours.append(laggard(options.runner, options.batch))
        theirs.append(scikit_learn(rows, labels))
    print(f"Laggard {1e3 * min(ours):.2f} ms, scikit-learn {1e3 * min(theirs):.2f} ms: {min(ours) / min(theirs):.2f}")


if __name__ == "__main__":
    main()
