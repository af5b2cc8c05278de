"""PostgreSQL for the worker's own memory: many hosts.

Writers take turns, as in SQLite, by one advisory lock: every statement was proved under that order, and a batch of 64
captures costs four short transactions. Tables stand in the schema `copydesk_state`, made and migrated here.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

from worker.errors import ConfigError, TransientError
from worker.state.database import Cursor, Row, Transaction
from worker.state.database.schema import LEAST, MIGRATIONS, statements_after, why_not

try:
    import psycopg
    from psycopg.rows import dict_row
except ImportError as exc:  # pragma: no cover
    raise ConfigError("ledger: PostgreSQL needs its extra; install it with: pip install 'copydesk[postgres]'") from exc

SCHEMA = "copydesk_state"
TURN = 0x636F7079  # the advisory lock of all writers
LOCK_TIMEOUT_MS = 30_000  # as long as a writer of SQLite waits


class PostgresDatabase:
    """A connection that several threads may use in turn; opened again when the server was away."""

    def __init__(self, url: str, *, synced: bool = True) -> None:
        self._url = url
        self._synced = synced
        self._lock = threading.RLock()
        self._connection: psycopg.Connection[dict[str, Any]] | None = None
        with self._lock, self._told():
            self._open()

    @contextlib.contextmanager
    def write(self) -> Iterator[Transaction]:
        with self._lock, self._told():
            connection = self._open()
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (TURN,))
                yield cast(Transaction, _Translated(connection))

    def rows(self, statement: str, values: Mapping[str, object] = MappingProxyType({})) -> list[Row]:
        with self._lock, self._told():
            return cast(list[Row], self._open().execute(translated(statement), values).fetchall())

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> psycopg.Connection[dict[str, Any]]:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        options = (
            f"-c search_path={SCHEMA} -c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout=60000"
        )
        if not self._synced:
            options += " -c synchronous_commit=off"
        self._connection = psycopg.connect(
            self._url, autocommit=True, row_factory=dict_row, connect_timeout=10, options=options
        )
        self._migrate(self._connection)
        return self._connection

    def _migrate(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (TURN,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            connection.execute("CREATE TABLE IF NOT EXISTS steps (step BIGINT PRIMARY KEY)")
            done = version_of(connection)
            for statement in statements_after(done):
                connection.execute(_declared(statement).encode())
            for step in range(done, len(MIGRATIONS)):
                connection.execute("INSERT INTO steps VALUES (%s)", (step,))
            if (why := misfit(connection)) is not None:
                raise ConfigError(why)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except psycopg.OperationalError as exc:  # away, restarting, a lock that was not had in time
            self.close()
            raise TransientError(f"the ledger cannot be used now: {_first_line(exc)}") from exc
        except psycopg.Error as exc:
            raise ConfigError(f"the ledger's database does not take this: {_first_line(exc)}") from exc


class _Translated:
    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Mapping[str, object] | None = None, /) -> Cursor:
        return cast(Cursor, self._connection.execute(translated(statement), values))

    def executemany(self, statement: str, values: Iterable[Mapping[str, object]], /) -> Cursor:
        cursor = self._connection.cursor()
        cursor.executemany(translated(statement), values)
        return cast(Cursor, cursor)


@lru_cache(maxsize=256)
def translated(statement: str) -> bytes:
    """A statement of the ledger in PostgreSQL's words."""
    statement = re.sub(
        r"json_each\((:\w+)\)", r"jsonb_array_elements_text(CAST(\1 AS jsonb)) AS given (value)", statement
    )
    statement = re.sub(r"(?<![:\w]):([a-z_]+)", r"%(\1)s", statement)
    return statement.encode()


def version_of(connection: psycopg.Connection[Any]) -> int:
    """How many steps of the schema were taken. The search path must lead to it."""
    return int(_one(connection, "SELECT count(*) AS steps FROM steps") or 0)


def misfit(connection: psycopg.Connection[Any]) -> str | None:
    """Why this copydesk may not work on the schema; None when it may."""
    done = version_of(connection)
    if done <= len(MIGRATIONS):
        return None
    there = _one(connection, "SELECT to_regclass('least_steps') AS steps")
    return why_not(done, _one(connection, LEAST) if there else None)


def _one(connection: psycopg.Connection[Any], statement: str) -> Any:
    """The column `steps` of the one row."""
    row = connection.cursor(row_factory=dict_row).execute(statement.encode()).fetchone()
    return row and row["steps"]


def _declared(statement: str) -> str:
    """A table of the schema in PostgreSQL's types. Text compares by bytes, so that a prefix is a range."""
    statement = statement.replace("INTEGER PRIMARY KEY", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
    statement = re.sub(r"\bINTEGER\b", "BIGINT", statement)
    statement = re.sub(r"\bREAL\b", "DOUBLE PRECISION", statement)
    statement = re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', statement)
    statement = statement.replace(" WITHOUT ROWID", "")
    if re.search(r"CREATE TABLE (deliveries|quarantine)\b", statement):  # read newest first, as by SQLite's own rowid
        statement = statement.rstrip().removesuffix(")") + ", rowid BIGINT GENERATED ALWAYS AS IDENTITY)"
    return statement


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
