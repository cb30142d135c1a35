"""An export says what the folders say, in both of its formats."""

import csv
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import PROBLEM, RUNNER, Made
from test_runs import FILES, rows_of

from laggard_results import ResultsError, load


def export(folder: Path, *options: str) -> Path:
    """The path behind -o."""
    subprocess.run([RUNNER, "export", str(folder), *options], check=True, capture_output=True)
    return Path(options[options.index("-o") + 1])


@pytest.fixture(params=["tables", "all.npz"])
def exported(made: Made, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return export(made.folder, "-o", str(tmp_path / request.param))


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert list(one.columns) == list(other.columns)
    for name in one.columns:
        for a, b in zip(one[name], other[name], strict=True):
            assert a == b or (not isinstance(a, list) and pd.isna(a) and pd.isna(b)), (name, a, b)


def test_its_frames_are_those_of_the_folders(made: Made, exported: Path) -> None:
    by_export, by_folder = load(exported), load(made.folder)
    assert_same(by_export.runs, by_folder.runs)
    kinds = by_folder.runs.dtypes.drop([name for name in by_folder.runs if by_folder.runs[name].isna().all()])
    assert dict(by_export.runs.dtypes[kinds.index]) == dict(kinds)
    for name in FILES:
        pd.testing.assert_frame_equal(getattr(by_export, name), getattr(by_folder, name))


def test_some_of_its_runs(made: Made, exported: Path) -> None:
    chosen = load(exported)
    chosen = chosen.select(chosen.runs.protocol == "async")
    by_folder = load(made.folder / "b-async")
    assert list(chosen.runs["iterate_digest"]) == list(by_folder.runs["iterate_digest"])
    pd.testing.assert_frame_equal(chosen.tasks, by_folder.tasks)


def test_numpy_reads_an_array_a_column_without_pickles(made: Made, tmp_path: Path) -> None:
    with np.load(export(made.folder, "-o", str(tmp_path / "all.npz")), allow_pickle=False) as arrays:
        kinds = {name: arrays[name].dtype.str for name in arrays.files}
        assert kinds["runs.rounds"] == "<i8" and kinds["runs.gap"] == "<f8"
        assert kinds["runs.converged"] == "|b1" and kinds["runs.run"] == "<U16"
        assert kinds["tasks.outcome"] == f"<U{max(map(len, arrays['tasks.outcome']))}"
        protocols = arrays["runs.protocol"][arrays["iterations.row"]]
        assert list(arrays["runs.run"][arrays["iterations.row"]]) == list(arrays["iterations.run"])
        begin = 0
        for path in made.paths():
            rows = rows_of(path / "iterations.csv")
            end = begin + len(rows)
            assert list(arrays["iterations.objective"][begin:end]) == [float(row["objective"]) for row in rows]
            assert list(arrays["iterations.accepted"][begin:end]) == [int(row["accepted"]) for row in rows]
            begin = end
        assert len(protocols) == begin
        told = set(zip(arrays["columns.table"], arrays["columns.column"], strict=True))
        assert {tuple(name.split(".", 1)) for name in arrays.files} - told == {
            ("columns", name) for name in ("table", "column", "kind", "unit", "meaning")
        }


def test_csv_has_the_fields_of_the_files_letter_for_letter(made: Made, tmp_path: Path) -> None:
    folder = export(made.folder, "-o", str(tmp_path / "tables"))
    for name, file in FILES.items():
        expected = []
        for row, path in enumerate(made.paths()):
            run = str(load(path).runs["run"].iloc[0])
            expected += [{"row": str(row), "run": run} | fields for fields in rows_of(path / file)]
        assert rows_of(folder / f"{name}.csv") == expected, name
    with (folder / "columns.csv").open() as lines:
        told = [(row["table"], row["column"]) for row in csv.DictReader(lines)]
    read = [(name, column) for name in ("runs", *FILES) for column in pd.read_csv(folder / f"{name}.csv", nrows=0)]
    assert told == read


def test_runs_that_did_not_end_have_a_row_alone(made: Made, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(made.folder, tmp_path / "copied"))
    text = (copied / "a-sync/run.json").read_text()
    (copied / "a-sync/run.json").write_text(text[: len(text) // 2])
    (copied / "b-async/run.json").write_text('{"schema": 2, "id": "killed", "status": "running"}')
    for name in ("iterations.csv", "workers.csv.gz"):
        (copied / "b-async" / name).rename(copied / "b-async" / f"{name}.part")
    for path in ("tables", "all.npz"):
        loaded = load(export(copied, "-o", str(tmp_path / path)))
        assert list(loaded.runs["status"]) == ["interrupted", "interrupted", "finished"]
        assert list(loaded.runs["run"][1:2]) == ["killed"]
        kept = set(loaded.iterations["folder"])
        assert kept == {str(copied / "a-sync"), str(copied / "nested/deeper/threads")}


def test_texts_of_any_kind_come_back(tmp_path: Path) -> None:
    name = 'naïve, "quoted" 𝛼'
    options = [*PROBLEM, "--max-rounds", "2", "--stop", "none", "--quiet"]
    subprocess.run([RUNNER, *options, "--output", str(tmp_path / "runs" / name)], check=False)
    for path in ("tables", "all.npz"):
        loaded = load(export(tmp_path / "runs", "-o", str(tmp_path / path)))
        assert list(loaded.runs.folder) == [str(tmp_path / "runs" / name)]
        assert loaded.runs["argv"].iloc[0][-1] == str(tmp_path / "runs" / name)


def refusal(path: Path) -> str:
    with pytest.raises(ResultsError) as caught:
        load(path).tasks
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_table_that_was_not_exported(made: Made, tmp_path: Path) -> None:
    for name in ("tables", "some.npz"):
        path = export(made.folder, "--tables", "runs,iterations", "-o", str(tmp_path / name))
        assert len(load(path).iterations) > 0
        assert refusal(path) == f"{path}: has no table tasks; expected an export that has it, see --tables"


def test_what_is_no_export(made: Made, tmp_path: Path) -> None:
    text = tmp_path / "text.npz"
    text.write_text("row,run\n")
    assert refusal(text).startswith(f"{text}: is no export: ")
    cut = export(made.folder, "-o", str(tmp_path / "cut.npz"))
    cut.write_bytes(cut.read_bytes()[:5000])
    assert refusal(cut).startswith(f"{cut}: is no export: ")
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as other:
        other.writestr("x.npy", b"")
    assert refusal(tmp_path / "other.npz").startswith(f"{tmp_path}/other.npz: has no table columns; ")
    tables = export(made.folder, "-o", str(tmp_path / "tables"))
    whole = (tables / "tasks.csv").read_text()
    (tables / "tasks.csv").write_text(whole.replace("outcome", "outcom", 1))
    assert refusal(tables).startswith(f"{tables}/tasks.csv: has no column outcome; expected ")
