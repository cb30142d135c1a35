"""The index says what the folders say."""

import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from conftest import Made, renew_index, run

from laggard_results import ResultsError, load


@pytest.fixture
def copied(made: Made, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made.folder, tmp_path / "copied"))


def test_it_says_what_the_folders_say(copied: Path) -> None:
    by_index, by_folder = load(renew_index(copied)), load(copied)
    pd.testing.assert_frame_equal(by_index.runs, by_folder.runs)
    pd.testing.assert_frame_equal(by_index.tasks, by_folder.tasks)


def test_a_run_that_has_changed_since_is_read_anew(copied: Path) -> None:
    index = renew_index(copied)
    again = run("--seed", "7", "--output", str(copied / "a-sync"), "--overwrite")
    assert load(index).runs["schedule_digest"].iloc[0] == again["schedule_digest"]


def test_it_stands_alone(copied: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.sqlite"
    shutil.copy(renew_index(copied), alone)
    assert list(load(alone).runs["objective"]) == list(load(copied).runs["objective"])
    assert len(load(alone).iterations) == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("PRAGMA user_version = 9", "index of schema 9; expected 1: delete it"),
        ("PRAGMA application_id = 5", "is no index of runs; expected index.sqlite"),
        ("DROP TABLE runs", "is no index of runs: no such table: runs"),
    ],
)
def test_another_database(copied: Path, change: str, expected: str) -> None:
    index = renew_index(copied)
    database = sqlite3.connect(index)
    database.execute(change)
    database.close()
    with pytest.raises(ResultsError) as caught:
        load(index)
    assert str(caught.value).startswith(f"{index}: {expected}")


def test_another_file(copied: Path) -> None:
    with pytest.raises(ResultsError, match="is no index of runs: file is not a database"):
        load(copied / "a-sync/run.json")
