"""One database for what must outlive the broker: the ledger, the quarantine, how far locations were read.

A SQLite file for one host, PostgreSQL for many. Statements are written once, in the SQL both speak: values are
named (`:name`), several ids are one JSON array, and a write holds the lock from its first statement on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from worker.errors import ConfigError


class Row(Protocol):
    """A row by the names of its columns."""

    def __getitem__(self, name: str, /) -> Any: ...


class Cursor(Iterable[Row], Protocol):
    """What a statement found."""

    rowcount: int

    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


class Transaction(Protocol):
    """A write that is kept whole, or not at all."""

    def execute(self, statement: str, values: Mapping[str, object] = ..., /) -> Cursor: ...
    def executemany(self, statement: str, values: Iterable[Mapping[str, object]], /) -> Cursor: ...


class Database(Protocol):
    """All raise TransientError when the database is away or locked too long, ConfigError when it is none of ours."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that holds the write lock from its first statement; all of it is kept, or none."""
        ...

    def rows(self, statement: str, values: Mapping[str, object] = ...) -> list[Row]:
        """What a reading statement finds."""
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...


def open_database(url: str, *, synced: bool = True) -> Database:
    """The database at sqlite:///path, postgresql://… or memory://.

    What is written while `synced` is False outlives a kill, and a power cut only from the next synced write on.
    """
    from worker.state.database.sqlite import SqliteDatabase

    parts = urlsplit(url)
    if parts.scheme == "sqlite" and parts.path:
        return SqliteDatabase(Path(unquote(parts.path)), synced=synced)
    if parts.scheme == "memory":
        return SqliteDatabase(None)
    if parts.scheme in ("postgresql", "postgres"):
        from worker.state.database.postgres import PostgresDatabase

        return PostgresDatabase(url, synced=synced)
    raise ConfigError(
        f"ledger: no such kind of URL {parts.scheme!r}; use sqlite:///path/to/ledger.db or postgresql://host/database"
    )
