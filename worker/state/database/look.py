"""A look at the database without opening it for work: nothing is made, nothing is migrated."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from worker.errors import ConfigError, TransientError
from worker.state.database import sqlite as in_file
from worker.state.database.schema import MIGRATIONS

LOOK_TIMEOUT_S = 5


class Look(NamedTuple):
    """How many steps of the schema were taken (None: nothing is there yet), and how many this copydesk knows."""

    version: int | None
    misfit: str | None = None  # why this copydesk may not work there
    newest: int = len(MIGRATIONS)


def look_at(url: str) -> Look:
    """What stands at `url`. Raises TransientError when it is away, ConfigError when it is none of ours."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)))
    if parts.scheme in ("postgresql", "postgres"):
        return _postgres(url)
    raise ConfigError(f"no such kind of URL {parts.scheme!r}; use sqlite:///path/to/ledger.db or postgresql://…")


def _sqlite(path: Path) -> Look:
    if not path.exists():
        return Look(None)
    try:
        with contextlib.closing(
            sqlite3.connect(f"file://{quote(str(path.absolute()))}?mode=ro", uri=True)
        ) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return Look(in_file.version_of(connection), in_file.misfit(connection))
    except sqlite3.OperationalError as exc:
        raise TransientError(f"{path} cannot be read: {exc}") from exc
    except sqlite3.DatabaseError as exc:
        raise ConfigError(f"{path} is damaged or no SQLite file: {exc}") from exc


def _postgres(url: str) -> Look:
    import psycopg

    from worker.state.database import postgres as server  # tells what to install where the library is missing

    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=LOOK_TIMEOUT_S) as connection:
            found = connection.execute("SELECT to_regclass(%s)", (f"{server.SCHEMA}.steps",)).fetchone()
            if found is None or found[0] is None:
                return Look(None)
            connection.execute(f"SET search_path = {server.SCHEMA}".encode())
            return Look(server.version_of(connection), server.misfit(connection))
    except psycopg.Error as exc:
        raise TransientError(f"PostgreSQL does not answer: {str(exc).partition(chr(10))[0]}") from exc
