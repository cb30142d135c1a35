"""The index of a folder of runs, which `runner ls` and others keep as index.sqlite."""

import sqlite3
from contextlib import closing
from pathlib import Path

from laggard_results.errors import ResultsError
from laggard_results.folders import RUN_FILE, Json, parse_run, read_run

APPLICATION = 0x4C616767
SCHEMA = 1


def read_index(file: Path) -> list[tuple[Path, Json]]:
    """The folders of its runs, and what each run.json says: by the index where that is as fresh as the
    file, or where the file is not there, as where the index alone was copied."""
    try:
        with closing(sqlite3.connect(f"file:{file.absolute()}?mode=ro", uri=True)) as database:
            application = database.execute("PRAGMA application_id").fetchone()[0]
            schema = database.execute("PRAGMA user_version").fetchone()[0]
            if application != APPLICATION:
                raise ResultsError(f"{file}: is no index of runs; expected index.sqlite of a folder of runs")
            if schema != SCHEMA:
                raise ResultsError(
                    f"{file}: index of schema {schema}; expected {SCHEMA}: delete it, and runner ls makes it again"
                )
            rows = database.execute(
                "SELECT path, modified, size, documents.run "
                "FROM runs JOIN documents USING (path) ORDER BY path"
            ).fetchall()
    except sqlite3.DatabaseError as error:
        raise ResultsError(f"{file}: is no index of runs: {error}") from None
    return [
        (file.parent / path, _run_at(file, file.parent / path, (modified, size), document))
        for path, modified, size, document in rows
    ]


def _run_at(index: Path, folder: Path, stamp: tuple[int, int], document: str) -> Json:
    try:
        now = (folder / RUN_FILE).stat()
    except OSError:
        return parse_run(document, f"{index}: {folder}", folder)
    if (now.st_mtime_ns, now.st_size) != stamp:
        return read_run(folder)
    return parse_run(document, str(folder / RUN_FILE), folder)
