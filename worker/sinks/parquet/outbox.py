"""Rows on their way into files: durable, each known by its delivery, and bound to one file before it is written.

A repeat is recognised here, and a file that was begun is written again with the same rows under the same name,
whoever comes after a crash. One SQLite file, opened for each call: several processes share it. Not for network file
systems.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

BUSY_S = 30.0
_TABLE = """
CREATE TABLE IF NOT EXISTS rows (
    n INTEGER PRIMARY KEY,
    delivery_id TEXT NOT NULL UNIQUE,
    partition TEXT NOT NULL,  -- the folder of its file
    added_at REAL NOT NULL,   -- Unix seconds
    size INTEGER NOT NULL,    -- bytes of `row`
    file TEXT,                -- null: bound to none yet; never changed once set
    row BLOB                  -- null: its file stands
);
CREATE INDEX IF NOT EXISTS unbound ON rows (partition, added_at, size) WHERE file IS NULL;
CREATE INDEX IF NOT EXISTS unwritten ON rows (file, n) WHERE file IS NOT NULL AND row IS NOT NULL;
CREATE INDEX IF NOT EXISTS written ON rows (added_at) WHERE row IS NULL;
"""


class Row(NamedTuple):
    """One delivery, as JSON, and the folder it belongs in."""

    delivery_id: str
    partition: str
    body: bytes


class Outbox:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "outbox.sqlite"

    def add(self, rows: Iterable[Row], now: float) -> list[bool]:
        """Which of the rows are new; all of them are durable then."""
        with self._transaction() as connection:
            return [
                connection.execute(
                    "INSERT OR IGNORE INTO rows (delivery_id, partition, added_at, size, row) VALUES (?, ?, ?, ?, ?)",
                    (row.delivery_id, row.partition, now, len(row.body), row.body),
                ).rowcount
                == 1
                for row in rows
            ]

    @contextlib.contextmanager
    def cutting(self) -> Iterator[None]:
        """One process at a time binds rows to files and writes them."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._folder / "cut.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def bind(self, *, rows: int, size: int, added_before: float) -> None:
        """Bind rows to files of at most so many rows and bytes. A file that is not full waits, unless one of its rows
        was added before that time."""
        with self._transaction() as connection:
            due = connection.execute(
                "SELECT partition, min(added_at) FROM rows WHERE file IS NULL GROUP BY partition"
                " HAVING count(*) >= ? OR sum(size) >= ? OR min(added_at) <= ?",
                (rows, size, added_before),
            ).fetchall()
            for partition, oldest in due:
                found = connection.execute(
                    "SELECT n, delivery_id, size FROM rows WHERE file IS NULL AND partition = ? ORDER BY n",
                    (partition,),
                ).fetchall()
                for members, is_full in _files(found, rows, size):
                    if is_full or oldest <= added_before:
                        _bind(connection, partition, members)

    def unwritten(self) -> list[str]:
        """The files that were bound and do not stand yet."""
        with self._transaction() as connection:
            found = connection.execute("SELECT DISTINCT file FROM rows WHERE file IS NOT NULL AND row IS NOT NULL")
            return [row[0] for row in found]

    def rows_of(self, file: str) -> list[bytes]:
        """The rows of a file that does not stand yet, in their order."""
        with self._transaction() as connection:
            found = connection.execute("SELECT row FROM rows WHERE file = ? AND row IS NOT NULL ORDER BY n", (file,))
            return [row[0] for row in found]

    def written(self, file: str) -> None:
        """The file stands: only the names of its deliveries are kept."""
        with self._transaction() as connection:
            connection.execute("UPDATE rows SET row = NULL WHERE file = ? AND row IS NOT NULL", (file,))

    def forget(self, added_before: float) -> None:
        """Forget deliveries whose file has long been standing: a later repeat is new."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM rows WHERE row IS NULL AND added_at < ?", (added_before,))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_TABLE)
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # rolls back what was not committed


def _files(
    found: list[tuple[int, str, int]], rows: int, size: int
) -> Iterator[tuple[list[tuple[int, str, int]], bool]]:
    """The rows in groups, each with whether it is full."""
    members: list[tuple[int, str, int]] = []
    held = 0
    for row in found:
        members.append(row)
        held += row[2]
        if len(members) >= rows or held >= size:
            yield members, True
            members, held = [], 0
    if members:
        yield members, False


def _bind(connection: sqlite3.Connection, partition: str, members: list[tuple[int, str, int]]) -> None:
    name = hashlib.sha256("\n".join(sorted(row[1] for row in members)).encode()).hexdigest()[:32]
    file = f"{partition}/{name}.parquet" if partition else f"{name}.parquet"
    connection.executemany("UPDATE rows SET file = ? WHERE n = ?", [(file, row[0]) for row in members])
