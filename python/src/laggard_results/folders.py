"""Folders of runs, as `runner --output` and `runner matrix` make them."""

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from laggard_results.errors import ResultsError

try:
    import fcntl
except ImportError:  # a system without such locks
    fcntl = None  # type: ignore[assignment]

SCHEMA = 3
RUN_FILE = "run.json"
MOST_LEVELS = 3
"""How far below a folder its runs may lie."""

Json = dict[str, Any]


def run_folders(folder: Path) -> list[Path]:
    """The folders of runs at or below `folder`, in the order of their paths."""
    found = list(_run_folders(folder, MOST_LEVELS))
    if not found:
        raise ResultsError(
            f"{folder}: no run is there; expected the --output of a run, "
            f"or a folder that holds such folders at most {MOST_LEVELS} levels below"
        )
    return found


def _run_folders(folder: Path, levels: int) -> Iterator[Path]:
    if (folder / RUN_FILE).is_file():
        yield folder
    elif levels > 0:
        for below in sorted(folder.iterdir()):
            if below.name.startswith(".") or not below.is_dir():
                continue
            yield from _run_folders(below, levels - 1)


def read_run(folder: Path) -> Json:
    """The run.json of a run's folder, with the status that the run has now."""
    file = folder / RUN_FILE
    return parse_run(file.read_text(encoding="utf-8"), str(file), folder)


def parse_run(text: str, where: str, folder: Path) -> Json:
    try:
        run = json.loads(text)
    except ValueError as error:
        raise ResultsError(f"{where}: is no JSON: {error}") from None
    if not isinstance(run, dict):
        raise ResultsError(f"{where}: is no object; expected what a run keeps")
    check_schema(run, where)
    # Those of before schema 2 were written at the end.
    status = run.get("status", "finished")
    if status == "running" and not is_held(folder):
        status = "interrupted"
    return run | {"status": status}


def check_schema(run: Json, where: str) -> None:
    schema = run.get("schema", 1)
    if not isinstance(schema, int) or schema > SCHEMA:
        raise ResultsError(
            f"{where}: schema {schema} is not known here; expected at most {SCHEMA}"
        )


def is_held(folder: Path) -> bool:
    """Whether a process writes to the folder. True where the system cannot tell."""
    if fcntl is None or not hasattr(fcntl, "F_OFD_GETLK"):
        return True
    try:
        descriptor = os.open(folder / ".lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        whole_file = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, whole_file)
        return bool(struct.unpack_from("h", answer)[0] != fcntl.F_UNLCK)
    finally:
        os.close(descriptor)
