"""One SQLite file. For one host.

WAL, full synchronisation, and every write begins IMMEDIATE: a deferred transaction that reads first and then
writes failed 900 of 900 times beside another writer, busy timeout or not. Not for network file systems.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast

from worker.errors import ConfigError, TransientError
from worker.state.database import Row, Transaction
from worker.state.database.schema import LEAST, MIGRATIONS, statements_after, why_not

BUSY_S = 30.0
POLL_S = 0.0005
CHECKPOINT_PAGES = 8000  # 32 MB of log: at the usual 4 MB the same pages were written home over and over


class SqliteDatabase:
    """A connection that several threads may use in turn. `path` None is a database in memory.

    What is written while `synced` is False outlives a kill, and a power cut only from the next synced write on.
    """

    def __init__(self, path: Path | None, *, synced: bool = True) -> None:
        self._synced = synced
        self._lock = threading.RLock()
        self._closed = False
        with _told():
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            name = ":memory:" if path is None else str(path)
            self._connection = sqlite3.connect(name, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            self._set_up()

    @contextlib.contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that holds the write lock from its first statement; all of it is kept, or none."""
        with self._lock, _told():
            _patiently(self._connection, "BEGIN IMMEDIATE")
            try:
                yield cast(Transaction, self._connection)
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def rows(self, statement: str, values: Mapping[str, object] = MappingProxyType({})) -> list[Row]:
        """What a reading statement finds."""
        with self._lock, _told():
            return cast(list[Row], _patiently(self._connection, statement, values).fetchall())

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._closed = True
                self._connection.close()

    def _set_up(self) -> None:
        _patiently(self._connection, "PRAGMA journal_mode = WAL")
        self._connection.execute(f"PRAGMA synchronous = {'FULL' if self._synced else 'NORMAL'}")
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        if self._version() < len(MIGRATIONS):
            with self.write() as connection:
                done = self._version()  # somebody else may just have taken the steps
                for statement in statements_after(done):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {max(done, len(MIGRATIONS))}")
        if (why := misfit(self._connection)) is not None:
            raise ConfigError(why)
        self._connection.execute("PRAGMA busy_timeout = 0")  # from here on we wait by ourselves

    def _version(self) -> int:
        return version_of(self._connection)


def _patiently(
    connection: sqlite3.Connection, statement: str, values: Mapping[str, object] = MappingProxyType({})
) -> sqlite3.Cursor:
    """Wait for the other writers. SQLite's own wait sleeps up to 0.1 s at a time, far longer than a batch holds the
    lock, and to change to WAL it does not wait at all."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            return connection.execute(statement, dict(values))
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)


def version_of(connection: sqlite3.Connection) -> int:
    """How many steps of the schema were taken."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def misfit(connection: sqlite3.Connection) -> str | None:
    """Why this copydesk may not work on the file; None when it may."""
    done = version_of(connection)
    if done <= len(MIGRATIONS):
        return None
    try:
        least = connection.execute(LEAST).fetchone()[0]
    except sqlite3.OperationalError:  # it is none of ours
        least = None
    return why_not(done, least)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as exc:
        if isinstance(exc, sqlite3.OperationalError):
            raise TransientError(f"the ledger cannot be used now: {exc}") from exc
        raise ConfigError(f"the ledger is damaged or no SQLite file: {exc}") from exc
    except OSError as exc:
        raise TransientError(f"the ledger's folder cannot be used: {exc}") from exc
