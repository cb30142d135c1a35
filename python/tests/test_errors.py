"""What is no result is refused in one line that says what was expected."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import Made

from laggard_results import ResultsError, load


def refusal(*paths: Path) -> str:
    with pytest.raises(ResultsError) as caught:
        load(*paths).iterations
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_folder_without_runs(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith(f"{tmp_path}: no run is there; expected the --output")


def test_nothing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nothing").startswith(f"{tmp_path}/nothing: does not exist")
    assert refusal().startswith("load: no path given")


def test_runs_that_lie_too_deep(made: Made, tmp_path: Path) -> None:
    shutil.copytree(made.folder / "a-sync", tmp_path / "1/2/3/4")
    assert "3 levels" in refusal(tmp_path)
    assert len(load(tmp_path / "1")) == 1


@pytest.fixture
def copied(made: Made, tmp_path: Path) -> Path:
    shutil.copytree(made.folder / "a-sync", tmp_path / "run")
    return tmp_path / "run"


def test_a_torn_run_json(copied: Path) -> None:
    text = (copied / "run.json").read_text()
    (copied / "run.json").write_text(text[: len(text) // 2])
    assert refusal(copied).startswith(f"{copied}/run.json: is no JSON: ")


def test_another_schema(copied: Path) -> None:
    run = json.loads((copied / "run.json").read_text())
    (copied / "run.json").write_text(json.dumps(run | {"schema": 4}))
    expected = f"{copied}/run.json: schema 4 is not known here; expected at most 3"
    assert refusal(copied) == expected


def test_a_damaged_file(copied: Path) -> None:
    file = copied / "iterations.csv"
    whole = file.read_text()
    for cut in (whole.rindex(",", 0, 300), whole.index("\n", 300) - 3):
        file.write_text(whole[:cut])
        assert refusal(copied).startswith(f"{file}: ")
    file.write_text("")
    assert refusal(copied).startswith(f"{file}: is damaged: ")


def test_a_damaged_packed_file(copied: Path) -> None:
    file = copied / "workers.csv.gz"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ResultsError, match="workers.csv.gz: is damaged: "):
        load(copied).tasks


def test_a_finished_run_without_a_file(copied: Path) -> None:
    (copied / "iterations.csv").unlink()
    expected = f"{copied}/iterations.csv: no such file; expected that of a finished run"
    assert refusal(copied) == expected


def test_a_file_without_a_column(copied: Path) -> None:
    text = (copied / "iterations.csv").read_text()
    (copied / "iterations.csv").write_text(text.replace("objective", "objectiv", 1))
    assert refusal(copied).startswith(f"{copied}/iterations.csv: has no column objective; expected ")
