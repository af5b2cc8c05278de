"""How far each location was read, so that a producer that was killed goes on where it stood.

In the ledger's database. Written after what was read is published: a kill costs the last batch a second
reading, whose captures the ledger knows. So does a power cut: marks are not synced by themselves.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from worker.state.database import Database, open_database


class Mark(NamedTuple):
    """The offset that was reached, how many records were taken that begin there, and whether the end was seen."""

    offset: int = 0
    taken: int = 0
    done: bool = False


class Readings(Protocol):
    """All raise TransientError when the database is away or locked too long."""

    def mark(self, key: str) -> Mark:
        """How far the reading of this name got; a fresh mark when it was never begun."""
        ...

    def put(self, marks: Mapping[str, Mark]) -> None:
        """Keep marks, in one transaction."""
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...


def open_readings(url: str) -> Readings:
    """The marks in the ledger's database: sqlite:///path, postgresql://… or memory://."""
    return SqlReadings(open_database(url, synced=False))


MARK = 'SELECT "offset", taken, done FROM readings WHERE reading = :key'
PUT = """
    INSERT INTO readings (reading, "offset", taken, done, moved_at)
    VALUES (:key, :offset, :taken, :done, :now)
    ON CONFLICT (reading) DO UPDATE SET
        "offset" = excluded."offset", taken = excluded.taken, done = excluded.done, moved_at = excluded.moved_at
"""


class SqlReadings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, key: str) -> Mark:
        for row in self._database.rows(MARK, {"key": key}):
            return Mark(row["offset"], row["taken"], bool(row["done"]))
        return Mark()

    def put(self, marks: Mapping[str, Mark]) -> None:
        if marks:
            now = time.time()
            with self._database.write() as connection:
                connection.executemany(
                    PUT,
                    [{"key": key, "now": now, **mark._asdict(), "done": int(mark.done)} for key, mark in marks.items()],
                )

    def close(self) -> None:
        self._database.close()
