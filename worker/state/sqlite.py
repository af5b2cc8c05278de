"""One SQLite file for what must outlive the broker: the ledger and the quarantine. For one host.

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

from worker.errors import ConfigError, TransientError

BUSY_S = 30.0
CHECKPOINT_PAGES = 8000  # 32 MB of log: at the usual 4 MB the same pages were written home over and over

# Ids are hashes, so each index on one scatters a batch over as many pages as it has rows. There are as few as can
# be; deliveries hang on `n`, which grows.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE captures (
            n INTEGER PRIMARY KEY,
            capture_id TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL,
            accepted_at REAL NOT NULL,
            sent_at REAL NOT NULL,
            settled_at REAL,
            url TEXT,
            external_id TEXT,
            article_id TEXT,
            kind TEXT,
            reason TEXT,
            detail TEXT,
            verdict TEXT,
            capture TEXT
        )""",
        "CREATE INDEX captures_by_state ON captures (state, kind, reason)",
        "CREATE INDEX captures_unfinished ON captures (sent_at) WHERE state = 'accepted'",
        "CREATE INDEX captures_settled ON captures (settled_at) WHERE settled_at IS NOT NULL",
        "CREATE INDEX captures_by_url ON captures (url)",
        "CREATE INDEX captures_by_article ON captures (article_id) WHERE article_id IS NOT NULL",
        "CREATE INDEX captures_by_external_id ON captures (external_id) WHERE external_id IS NOT NULL",
        """CREATE TABLE deliveries (
            delivery_id TEXT NOT NULL UNIQUE,
            n INTEGER NOT NULL REFERENCES captures,
            sink TEXT NOT NULL,
            state TEXT NOT NULL,
            status TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            waiting_until REAL,
            recorded_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            detail TEXT NOT NULL DEFAULT '',
            delivery TEXT NOT NULL
        )""",
        "CREATE INDEX deliveries_by_capture ON deliveries (n)",
        "CREATE INDEX deliveries_by_sink ON deliveries (sink, state)",
        "CREATE INDEX deliveries_waiting ON deliveries (updated_at) WHERE state = 'waiting'",
        "CREATE TABLE circuits (sink TEXT PRIMARY KEY, failures INTEGER NOT NULL, open_until REAL)",
        "CREATE TABLE tallies (name TEXT PRIMARY KEY, count INTEGER NOT NULL)",
        """CREATE TABLE quarantine (
            quarantine_id TEXT PRIMARY KEY,
            stage TEXT NOT NULL,
            reason TEXT NOT NULL,
            capture_id TEXT,
            quarantined_at REAL NOT NULL,
            item TEXT NOT NULL
        )""",
        "CREATE INDEX quarantine_by_time ON quarantine (quarantined_at)",
        "CREATE INDEX quarantine_by_capture ON quarantine (capture_id) WHERE capture_id IS NOT NULL",
    ),
    (
        """CREATE TABLE readings (
            reading TEXT PRIMARY KEY,
            offset INTEGER NOT NULL,
            taken INTEGER NOT NULL,
            done INTEGER NOT NULL,
            moved_at REAL NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE polls (
            url TEXT PRIMARY KEY,
            due_at REAL NOT NULL,
            etag TEXT,
            last_modified TEXT,
            failures INTEGER NOT NULL,
            reason TEXT
        ) WITHOUT ROWID""",
        "CREATE TABLE told (page TEXT PRIMARY KEY, reference TEXT NOT NULL, told_at REAL NOT NULL) WITHOUT ROWID",
        "CREATE INDEX told_by_time ON told (told_at)",
    ),
)


class Database:
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
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its first statement; all of it is kept, or none."""
        with self._lock, _told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def rows(self, statement: str, values: Mapping[str, object] = MappingProxyType({})) -> list[sqlite3.Row]:
        """What a reading statement finds."""
        with self._lock, _told():
            return self._connection.execute(statement, dict(values)).fetchall()

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._closed = True
                self._connection.close()

    def _set_up(self) -> None:
        deadline = time.monotonic() + BUSY_S
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")  # does not wait for others by itself
                break
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        self._connection.execute(f"PRAGMA synchronous = {'FULL' if self._synced else 'NORMAL'}")
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        if self._version() == len(MIGRATIONS):
            return
        with self.write() as connection:
            version = self._version()
            if version > len(MIGRATIONS):
                raise ConfigError("the ledger was written by a newer copydesk; upgrade this one")
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])


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
