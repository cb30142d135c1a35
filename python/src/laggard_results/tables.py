"""The files of a run as frames. Times are in seconds of the fleet's clock."""

import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from laggard_results.errors import ResultsError


# Before pandas 3.1 numbers were not read to the last bit unless that was asked for.
_VERSION = tuple(int(part) for part in pd.__version__.split(".")[:2])
PRECISION: Literal["round_trip"] | None = "round_trip" if _VERSION < (3, 1) else None

# Columns that joined when results were kept already: empty where a file lacks them.
JOINED = ("decode_rms", "decode_error", "decode_weight", "disagreement")


@dataclass(frozen=True)
class Table:
    """A file that each run may have, what an export calls it, and what its columns are."""

    name: str
    file: str
    kinds: dict[str, str]

    def read(self, folder: Path, finished: bool = False) -> pd.DataFrame:
        """Its rows; none where the run has not come to write the file, as one that `finished` has."""
        path = folder / self.file
        if not path.exists():
            if finished and folder.exists():  # an index may be all that was copied
                raise ResultsError(f"{path}: no such file; expected that of a finished run")
            return self.empty()
        try:
            frame = pd.read_csv(path, dtype=self.kinds, float_precision=PRECISION)
        except (ValueError, EOFError, OSError, zlib.error) as error:
            reason = " ".join(str(error).split())
            raise ResultsError(f"{path}: is damaged: {reason}; expected the rows of a run") from None
        if _is_cut(path):
            raise ResultsError(f"{path}: ends within a row; expected the rows of a run")
        for name in JOINED:
            if name in self.kinds and name not in frame.columns:
                frame[name] = float("nan")
        missing = [name for name in self.kinds if name not in frame.columns]
        if missing:
            raise ResultsError(f"{path}: has no column {missing[0]}; expected {', '.join(self.kinds)}")
        return frame

    def empty(self) -> pd.DataFrame:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in self.kinds.items()})


def _is_cut(path: Path) -> bool:
    """Whether the last row has no end. What is packed tells by itself."""
    if path.suffix == ".gz":
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def _table(name: str, file: str, columns: str, integers: str, words: str = "") -> Table:
    """`columns` in the order of the file; those that are neither integers nor words are reals."""
    kinds = {column: "float64" for column in columns.split()}
    kinds |= {column: "int64" for column in integers.split()}
    kinds |= {column: "str" for column in words.split()}
    return Table(name, file, kinds)


ITERATIONS = _table(
    "iterations",
    "iterations.csv",
    "round virtual_s wall_s objective gap primal dual rho accepted discarded staleness_max age_max "
    "bytes_up bytes_down decode_rms decode_error decode_weight disagreement",
    integers="round accepted discarded staleness_max age_max bytes_up bytes_down",
)
TASKS = _table(
    "tasks",
    "workers.csv.gz",
    "round worker shard dispatched started finished arrived compute pause idle delay communication "
    "queueing passes inner_iterations dense_work staleness outcome",
    integers="round worker shard passes inner_iterations dense_work staleness",
    words="outcome",
)
# Counts of starts are missing where a fleet starts nothing, so they are reals.
WORKERS = _table(
    "workers",
    "per_worker.csv",
    "worker tasks compute pause idle delay communication queueing cold_start responsiveness starts "
    "hand_overs losses",
    integers="worker tasks",
)
FLEET = _table(
    "fleet",
    "fleet.csv",
    "worker incarnation invoked connected ready ended cold_start cold end",
    integers="worker incarnation cold",
    words="end",
)
SOLUTIONS = _table("solutions", "solution.csv", "feature value", integers="feature")
