"""Runs to read, made by the program itself."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

RUNNER = os.environ["LAGGARD_RUNNER"]
PROBLEM = ["--synthetic", "n=400,d=20,density=0.2", "--workers", "4"]


def run(*options: str) -> Any:
    """The fields of --json."""
    done = subprocess.run(
        [RUNNER, *PROBLEM, "--json", "--quiet", *options], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def renew_index(folder: Path) -> Path:
    subprocess.run([RUNNER, "ls", str(folder)], check=True, capture_output=True)
    return folder / "index.sqlite"


@dataclass(frozen=True)
class Made:
    folder: Path
    results: dict[str, Any]  # by folder

    def paths(self) -> list[Path]:
        return sorted(self.folder / name for name in self.results)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    commands = {
        "a-sync": ["--protocol", "sync"],
        "b-async": ["--protocol", "async", "--tau", "5", "--target-gap", "1e-5"],
        "nested/deeper/threads": ["--fleet", "threads", "--rho", "2"],
    }
    results = {
        name: run(*options, "--output", str(folder / name)) for name, options in commands.items()
    }
    return Made(folder, results)
