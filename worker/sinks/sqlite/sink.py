"""Deliveries into SQLite: the higher version stays, a repeat changes nothing.

WAL, full synchronisation, one IMMEDIATE transaction a batch. Not for network file systems.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple
from urllib.parse import quote

from pydantic_core import to_json

from worker.errors import TransientError
from worker.formats.row import Row, row_of
from worker.models import Receipt, ReceiptStatus, SinkItem
from worker.plugins import Guarantee, Options, reach_folder
from worker.query import Found, Query, unspaced_of
from worker.sinks.sqlite.schema import HELD, INDEX, MIGRATIONS, READABLE, REPLACED, UPSERT
from worker.sinks.sqlite.search import search

BUSY_S = 30.0
POLL_S = 0.0005
CHECKPOINT_PAGES = 8000  # 32 MB of log between two ways home
CACHE_KIB = 32_768  # 64 MB was no faster over 6,000 articles, and a child holds it for good
OLDER = "its table is not that of this version; move the file away, and its articles go into a new one"


class SqliteOptions(Options):
    path: Path
    synchronous: Literal["full", "normal"] = "full"  # normal: a power cut may take the last batches with it


class Standing(NamedTuple):
    """What decides which of two deliveries of an article stays: the larger. A retraction beats its own version."""

    version: int
    retracted: int
    delivery_id: str


class SqliteSink:
    Options: ClassVar[type[Options]] = SqliteOptions
    guarantee: ClassVar[Guarantee] = "idempotent"

    def __init__(self, options: SqliteOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        made = [_values(row_of(item)) for item in items]  # before the lock, which all processes share
        with self._lock, self._transaction() as connection:
            ids = json.dumps([item.delivery.article_id for item in items])
            held = {row[0]: Standing(*row[1:]) for row in connection.execute(HELD, {"ids": ids})}
            stood = set(held)
            answers: list[ReceiptStatus] = []
            rows: dict[str, tuple[Any, ...]] = {}
            for item, row in zip(items, made, strict=True):
                delivery = item.delivery
                ours = Standing(delivery.version, int(delivery.action == "retract"), delivery.delivery_id)
                answers.append(_compare(held.get(delivery.article_id), ours))
                if answers[-1] == "stored":
                    held[delivery.article_id] = ours
                    rows[delivery.article_id] = row
            if replaced := stood & rows.keys():
                connection.execute(REPLACED, {"ids": json.dumps(list(replaced))})
            if rows:
                connection.executemany(UPSERT, rows.values())
                connection.execute(INDEX, {"ids": json.dumps(list(rows))})
        return [
            Receipt(delivery_id=item.delivery.delivery_id, status=status)
            for item, status in zip(items, answers, strict=True)
        ]

    def search(self, query: Query) -> Iterator[Found]:
        return search(self._options.path, query)

    def reach(self) -> str:
        path = self._options.path
        said = reach_folder(path.parent)
        if not path.exists():
            return said
        try:
            with contextlib.closing(
                sqlite3.connect(f"file://{quote(str(path.absolute()))}?mode=ro", uri=True)
            ) as connection:
                connection.execute(READABLE)
        except sqlite3.DatabaseError as exc:
            raise TransientError(f"{path} cannot be used: {exc}: {OLDER}") from exc
        return f"{path} can be read"

    def close(self) -> None:
        with self._lock:
            self._drop()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._current()
            _patiently(connection, "BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except (sqlite3.DatabaseError, OSError) as exc:
            self._drop()  # the file may be another one next time
            raise TransientError(f"{self._options.path} takes no articles: {exc}") from exc

    def _current(self) -> sqlite3.Connection:
        """The connection to the file that stands at the path now: not to one that was moved or removed since."""
        path = self._options.path
        if self._connection is None or not path.exists() or _identity(path) != self._file:
            self._drop()
            self._connection = _open(self._options)
            self._file = _identity(path)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _values(row: Row) -> tuple[Any, ...]:
    """The row in the order of COLUMNS; times are UTC, so that their text sorts."""
    return (
        *(row.article_id, row.version, row.delivery_id, int(row.retracted), row.headline, row.text),
        *(unspaced_of(row.headline, row.text), row.url, _utc(row.published_at), _utc(row.captured_at), row.language),
        *(row.publisher, row.domain, row.source, row.region, row.topic, to_json(row.regions).decode()),
        *(to_json(row.topics).decode(), row.duplicate, row.story_id, row.route, row.record),
    )


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat()[:19] + "Z" if moment else None


def _compare(held: Standing | None, ours: Standing) -> ReceiptStatus:
    if held is None or held[:2] < ours[:2]:
        return "stored"
    if held[:2] > ours[:2]:
        return "superseded"
    return "unchanged" if held.delivery_id == ours.delivery_id else "stored"


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _open(options: SqliteOptions) -> sqlite3.Connection:
    options.path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(options.path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        _patiently(connection, "PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {options.synchronous}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        _patiently(connection, "BEGIN IMMEDIATE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        try:
            connection.execute(READABLE)
        except sqlite3.OperationalError as exc:
            raise sqlite3.OperationalError(f"{exc}: {OLDER}") from exc
        connection.execute(f"PRAGMA user_version = {max(version, len(MIGRATIONS))}")
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Wait for the other writers. SQLite's own wait sleeps up to 0.1 s at a time, ten times as long as a batch takes,
    and to change to WAL it does not wait at all."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)
