"""How far each location was read, so that a producer that was killed goes on where it stood.

In the ledger's database. Written after what was read is published: a kill costs the last batch a second
reading, whose captures the ledger knows. So does a power cut: marks are not synced by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from worker.errors import ConfigError
from worker.state.sqlite import Database


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
    """The marks in the ledger's database: sqlite:///path or memory://."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and parts.path:
        return SqliteReadings(unquote(parts.path))
    if parts.scheme == "memory":
        return SqliteReadings(None)
    raise ConfigError(f"readings: no such kind of URL {parts.scheme!r}; use sqlite:///path/to/ledger.db")


MARK = "SELECT offset, taken, done FROM readings WHERE reading = :key"
PUT = """
    INSERT INTO readings (reading, offset, taken, done, moved_at)
    VALUES (:key, :offset, :taken, :done, (julianday('now') - 2440587.5) * 86400.0)
    ON CONFLICT (reading) DO UPDATE SET
        offset = excluded.offset, taken = excluded.taken, done = excluded.done, moved_at = excluded.moved_at
"""


class SqliteReadings:
    def __init__(self, path: str | Path | None) -> None:
        self._database = Database(None if path is None else Path(path), synced=False)

    def mark(self, key: str) -> Mark:
        for row in self._database.rows(MARK, {"key": key}):
            return Mark(row["offset"], row["taken"], bool(row["done"]))
        return Mark()

    def put(self, marks: Mapping[str, Mark]) -> None:
        if marks:
            with self._database.write() as connection:
                connection.executemany(PUT, [{"key": key, **mark._asdict()} for key, mark in marks.items()])

    def close(self) -> None:
        self._database.close()
