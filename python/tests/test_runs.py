"""What is read is what the program wrote, to the last bit."""

import csv
import gzip
import json
import math
import signal
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import PROBLEM, RUNNER, Made, run

from laggard_results import Runs, load

FILES = {
    "iterations": "iterations.csv",
    "tasks": "workers.csv.gz",
    "workers": "per_worker.csv",
    "fleet": "fleet.csv",
    "solutions": "solution.csv",
}


def rows_of(path: Path) -> list[dict[str, str]]:
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        return list(csv.DictReader(lines))


def is_field(value: Any, field: str) -> bool:
    if isinstance(value, str):
        return value == field
    if field == "":
        return math.isnan(value)
    return bool(value == float(field))


def test_a_row_a_run_with_results_and_options(made: Made) -> None:
    runs = load(made.folder).runs
    assert list(runs.folder) == [str(path) for path in made.paths()]
    assert list(runs.status) == ["finished"] * 3
    for row, path in zip(runs.to_dict("records"), made.paths(), strict=True):
        result = made.results[str(path.relative_to(made.folder))]
        assert row["objective"] == result["objective"]
        assert row["iterate_digest"] == result["iterate_digest"]
        assert row["data.samples"] == 400
        assert row["option.workers"] == 4
        assert row["run"] == json.loads((path / "run.json").read_text())["id"]
    assert list(runs.protocol) == ["sync", "async", "sync"]
    assert runs["option.tau"].iloc[1] == 5
    assert list(runs["option.tau"].isna()) == [True, False, True]
    assert list(runs["option.rho"]) == ["auto", "auto", 2]
    assert pd.api.types.is_float_dtype(runs["gap"]) and math.isnan(runs["gap"].iloc[0])
    assert not [name for name in runs.columns if isinstance(runs[name].iloc[0], dict)]


@pytest.mark.parametrize("name", FILES)
def test_frames_hold_every_row_of_the_files(made: Made, name: str) -> None:
    frame: pd.DataFrame = getattr(load(made.folder), name)
    begin = 0
    for path in made.paths():
        expected = rows_of(path / FILES[name])
        read = frame.iloc[begin : begin + len(expected)].to_dict("records")
        begin += len(expected)
        for row, fields in zip(read, expected, strict=True):
            assert row["folder"] == str(path)
            assert list(row) == ["run", "folder", *fields]
            wrong = {key for key in fields if not is_field(row[key], fields[key])}
            assert not wrong, (path, fields)
    assert len(frame) == begin > 0


def test_kinds_of_columns_do_not_depend_on_the_rows(made: Made) -> None:
    whole = load(made.folder)
    some = whole.select(whole.runs.fleet == "threads")
    for name in FILES:
        assert list(getattr(some, name).dtypes[2:]) == list(getattr(whole, name).dtypes[2:]), name
    assert len(some.fleet) == 0, "threads are not invoked"


def test_frames_join_by_folder(made: Made) -> None:
    all_runs = load(made.folder)
    joined = all_runs.iterations.merge(all_runs.runs[["folder", "rounds"]], on="folder")
    last = joined[joined["round"] == joined["rounds"]]
    assert list(last["folder"]) == [str(path) for path in made.paths()]
    assert list(last["objective"]) == list(all_runs.runs["objective"])


def test_folders_may_be_given_by_themselves_and_twice(made: Made) -> None:
    first, second, third = made.paths()
    assert [run.folder for run in load(second, str(first), made.folder)] == [second, first, third]
    assert len(load(first)) == 1


def test_select_keeps_what_is_wanted(made: Made) -> None:
    whole = load(made.folder)
    chosen = whole.select(whole.runs.protocol == "async")
    assert isinstance(chosen, Runs) and list(chosen.runs.protocol) == ["async"]
    assert set(chosen.tasks["run"]) == {next(iter(chosen)).id}
    assert len(whole.select([False] * 3).runs) == 0


def test_the_same_configuration_twice_has_one_id_and_two_folders(made: Made, tmp_path: Path) -> None:
    again = run("--protocol", "sync", "--output", str(tmp_path / "again"))
    both = load(made.folder / "a-sync", tmp_path / "again")
    assert len(set(both.runs["run"])) == 1
    assert set(both.iterations["folder"]) == set(both.runs["folder"])
    assert list(both.runs["iterate_digest"]) == [again["iterate_digest"]] * 2


def test_a_run_that_was_killed_is_interrupted(tmp_path: Path) -> None:
    endless = [RUNNER, *PROBLEM, "--stop", "none", "--max-rounds", "1e9", "--output", str(tmp_path)]
    with subprocess.Popen(endless, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        for line in program.stdout:
            if line.lstrip().startswith("10 "):
                break
        assert list(load(tmp_path).runs.status) == ["running"]
        program.send_signal(signal.SIGKILL)
    killed = load(tmp_path)
    assert list(killed.runs.status) == ["interrupted"]
    assert killed.runs["option.max-rounds"].iloc[0] == 10**9
    assert len(killed.iterations) == 0 and "objective" in killed.iterations


def test_the_package_has_the_program_s_version() -> None:
    said = subprocess.run([RUNNER, "--version"], check=True, capture_output=True, text=True).stdout
    assert said == f"laggard {version('laggard-results')}\n"
