"""What `runner export` writes: a folder of CSV files, or a file of NumPy."""

import csv
import json
import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from laggard_results.errors import ResultsError
from laggard_results.folders import Json, check_schema
from laggard_results.tables import PRECISION, Table

Columns = Mapping[str, "np.ndarray[Any, Any]"]
KEYS = {"row": "int64", "run": "str"}
"""What every table begins with."""
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


class Export:
    """The tables of an export. Those of CSV are read when they are asked for."""

    def __init__(self, path: Path):
        self.path = path
        self._read = _folder_reader(path) if path.is_dir() else _npz_reader(path)
        self._frames: dict[str, pd.DataFrame] = {}

    def runs(self) -> list[tuple[Path, Json]]:
        """The folders of its runs as they were called, and what each run.json said."""
        about = self._read("columns", None)
        kinds = {
            column: kind
            for table, column, kind in zip(about["table"], about["column"], about["kind"], strict=True)
            if table == "runs"
        }
        columns = self._read("runs", None)
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return [(Path(str(row["folder"])), self._run(row, kinds)) for row in rows]

    def rows(self, table: Table, row: int) -> pd.DataFrame:
        """Those of the table that are of the run in this row of the runs."""
        if table.name not in self._frames:
            self._frames[table.name] = self._read(table.name, table.kinds)
        frame = self._frames[table.name]
        begin, end = np.searchsorted(frame["row"].to_numpy(), [row, row + 1])
        return frame.iloc[begin:end][list(table.kinds)]

    def _run(self, row: dict[str, Any], kinds: dict[str, str]) -> Json:
        run: Json = {"id": str(row["run"]), "configuration": {}}
        values = {
            name: _value(field, kinds.get(name, "text"))
            for name, field in row.items()
            if name not in ("row", "run", "folder")
        }
        # Where one run has an object others may have nothing at all.
        objects = {name.rsplit(".", 1)[0] for name, value in values.items() if "." in name and value is not None}
        for name, value in values.items():
            if name.startswith("option."):
                run["configuration"][name.removeprefix("option.")] = value
            elif name not in objects and (value is not None or _within(name, objects)):
                _put(run, name.split("."), value)
        # Of a run.json that was torn nothing is known.
        if run.get("schema") is not None:
            check_schema(run, f"{self.path}: run {run['id']}")
        return run


def is_export(folder: Path) -> bool:
    return (folder / "runs.csv").is_file() and (folder / "columns.csv").is_file()


def _within(name: str, objects: set[str]) -> bool:
    return "." not in name or name.rsplit(".", 1)[0] in objects


def _put(into: Json, names: list[str], value: Any) -> None:
    for name in names[:-1]:
        into = into.setdefault(name, {})
    into[names[-1]] = value


def _value(field: Any, kind: str) -> Any:
    """What a field stands for: text in CSV, of the column's own type in an array."""
    if isinstance(field, float) and np.isnan(field):
        return None
    text = str(field)
    if text == "":
        return None
    if kind == "integer":
        return int(field)
    if kind == "real":
        return float(field)
    if kind == "boolean":
        return text in ("true", "True")
    if kind == "list" or (kind == "mixed" and (text in ("true", "false") or NUMBER.fullmatch(text))):
        return json.loads(text)
    return text


def _folder_reader(folder: Path) -> Any:
    csv.field_size_limit(sys.maxsize)

    def read(table: str, kinds: dict[str, str] | None) -> Any:
        path = folder / f"{table}.csv"
        if not path.is_file():
            raise _no_table(folder, table)
        if kinds is not None:
            _check(path, pd.read_csv(path, nrows=0).columns, kinds)
            return pd.read_csv(path, dtype=KEYS | kinds, float_precision=PRECISION)
        with path.open(newline="", encoding="utf-8") as lines:
            heading, *rows = csv.reader(lines)
        return {name: [row[place] for row in rows] for place, name in enumerate(heading)}

    return read


def _npz_reader(path: Path) -> Any:
    def read(table: str, kinds: dict[str, str] | None) -> Any:
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                names = [name for name in arrays.files if name.startswith(f"{table}.")]
                columns = {name.removeprefix(f"{table}."): arrays[name] for name in names}
        except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
            raise ResultsError(f"{path}: is no export: {error}") from None
        if not columns:
            raise _no_table(path, table)
        if kinds is None:
            return columns
        _check(path, columns, kinds)
        frame = pd.DataFrame(columns).astype(KEYS | kinds)
        for name in (name for name, kind in kinds.items() if kind == "str"):
            frame[name] = frame[name].where(frame[name] != "")
        return frame

    return read


def _no_table(path: Path, table: str) -> ResultsError:
    return ResultsError(f"{path}: has no table {table}; expected an export that has it, see --tables")


def _check(path: Path, columns: Any, kinds: dict[str, str]) -> None:
    missing = [name for name in KEYS | kinds if name not in columns]
    if missing:
        raise ResultsError(f"{path}: has no column {missing[0]}; expected {', '.join(kinds)}")
