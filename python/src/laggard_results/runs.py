"""Runs, and what they left, as frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from laggard_results import index, tables
from laggard_results.errors import ResultsError
from laggard_results.exports import Export, is_export
from laggard_results.folders import Json, read_run, run_folders

__all__ = ["Run", "Runs", "load"]


@dataclass(frozen=True)
class Run:
    """One run: where it is, and what its run.json says. Of an export, where it was, and the row there."""

    folder: Path
    json: Json
    export: Export | None = None
    row: int = 0

    @property
    def id(self) -> str:
        """Equal for runs of the same configuration on the same data; runs of before have none."""
        return str(self.json.get("id", ""))

    def rows(self, table: tables.Table) -> pd.DataFrame:
        if self.export:
            return self.export.rows(table, self.row)
        return table.read(self.folder, finished=self.json["status"] == "finished")


@dataclass(frozen=True)
class Runs:
    """Some runs. Each frame is read when it is first asked for.

    Every frame has the columns `run`, the run's id, and `folder`, where it is: by `folder` rows of
    two frames belong together even where a configuration was run more than once.
    """

    all: tuple[Run, ...]

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Run]:
        return iter(self.all)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row a run: its status, the results by their names in run.json, those within an object as
        `cost.dollars`, and the options as `option.tau`."""
        return pd.DataFrame([_row(run) for run in self.all])

    @cached_property
    def iterations(self) -> pd.DataFrame:
        """A row a round."""
        return self._joined(tables.ITERATIONS)

    @cached_property
    def tasks(self) -> pd.DataFrame:
        """A row a task."""
        return self._joined(tables.TASKS)

    @cached_property
    def workers(self) -> pd.DataFrame:
        """A row a worker: means over its tasks."""
        return self._joined(tables.WORKERS)

    @cached_property
    def fleet(self) -> pd.DataFrame:
        """A row an invocation of a worker; none for fleets without such."""
        return self._joined(tables.FLEET)

    @cached_property
    def solutions(self) -> pd.DataFrame:
        """A row a feature: the last z."""
        return self._joined(tables.SOLUTIONS)

    def select(self, wanted: "pd.Series[bool] | Sequence[bool]") -> "Runs":
        """The runs whose row of `runs` is wanted: `all.select(all.runs.protocol == "async")`."""
        flags = [bool(flag) for flag in wanted]
        if len(flags) != len(self.all):
            raise ResultsError(f"select: {len(flags)} values; expected {len(self.all)}, one a run")
        return Runs(tuple(run for run, flag in zip(self.all, flags, strict=True) if flag))

    def _joined(self, table: tables.Table) -> pd.DataFrame:
        frames = [run.rows(table) for run in self.all]
        # Empty ones say nothing of the kinds of columns.
        rows = [frame for frame in frames if len(frame)]
        joined = pd.concat(rows, ignore_index=True) if rows else table.empty()
        counts = [len(frame) for frame in frames]
        for place, (name, values) in enumerate(
            (("run", [run.id for run in self.all]), ("folder", [str(run.folder) for run in self.all]))
        ):
            joined.insert(place, name, _repeated(values, counts))
        return joined


def load(*paths: str | PathLike[str]) -> Runs:
    """Reads runs: folders of runs, or folders that hold such at most three levels below, as a matrix
    makes them; the index.sqlite of such a folder, which is faster; or what `runner export` wrote, a
    folder of CSV files or a file.npz. Throws ResultsError."""
    if not paths:
        raise ResultsError(f"load: no path given; expected {_EXPECTED}")
    found: dict[Path, Run] = {}
    for path in map(Path, paths):
        for run in _runs_at(path):
            found.setdefault(run.folder.absolute(), run)
    return Runs(tuple(found.values()))


_EXPECTED = "a folder of runs, an index.sqlite, or what runner export wrote"


def _runs_at(path: Path) -> list[Run]:
    if not path.exists():
        raise ResultsError(f"{path}: does not exist; expected {_EXPECTED}")
    if is_export(path) or path.suffix == ".npz":
        export = Export(path)
        return [Run(folder, run, export, row) for row, (folder, run) in enumerate(export.runs())]
    if path.is_dir():
        return [Run(folder, read_run(folder)) for folder in run_folders(path)]
    return [Run(folder, run) for folder, run in index.read_index(path)]


def _row(run: Run) -> dict[str, Any]:
    row: dict[str, Any] = {"run": run.id, "folder": str(run.folder), "status": run.json["status"]}
    for name, value in run.json.items():
        if name in ("id", "configuration"):
            continue
        _flatten(row, name, value)
    for option, value in run.json.get("configuration", {}).items():
        row[f"option.{option}"] = value
    return row


def _flatten(row: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, dict):
        for part, within in value.items():
            _flatten(row, f"{name}.{part}", within)
    else:
        row[name] = value


def _repeated(values: list[str], counts: list[int]) -> "pd.Series[Any]":
    distinct = list(dict.fromkeys(values))
    codes = {value: code for code, value in enumerate(distinct)}
    repeated = [codes[value] for value, count in zip(values, counts, strict=True) for _ in range(count)]
    categories = pd.Index(distinct, dtype=object)
    return pd.Series(pd.Categorical.from_codes(repeated, categories=categories))
