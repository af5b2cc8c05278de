"""When each feed was polled, with what it said of its version, and when it is due again.

In the ledger's database. A feed is claimed before it is fetched, so that two workers do not ask for it at once;
what it said is kept after its items are published, so a killed worker asks again and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from worker.state.database import Database, Row, open_database


class Poll(NamedTuple):
    """Where a feed stands; times in unix seconds."""

    url: str
    due_at: float = 0.0
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0  # in a row
    reason: str | None = None  # of the last failure


class Polls(Protocol):
    """All raise TransientError when the database is away or locked too long."""

    def due(self, urls: Iterable[str], now: float) -> list[str]:
        """Those of the addresses that may be asked now, the longest due first."""
        ...

    def claim(self, url: str, now: float, until: float) -> Poll | None:
        """What is known of a feed that is due, which is nobody else's until then; None when it is not due."""
        ...

    def put(self, polls: Iterable[Poll]) -> None:
        """Keep what polls brought, in one transaction."""
        ...

    def all(self) -> list[Poll]:
        """Every feed that was ever polled, by address."""
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...


def open_polls(url: str) -> Polls:
    """The polls in the ledger's database: sqlite:///path, postgresql://… or memory://."""
    return SqlPolls(open_database(url, synced=False))


KNOWN = "SELECT url, due_at, etag, last_modified, failures, reason FROM polls"
CLAIM = """
    INSERT INTO polls (url, due_at, failures) VALUES (:url, :until, 0)
    ON CONFLICT (url) DO UPDATE SET due_at = excluded.due_at WHERE polls.due_at <= :now
    RETURNING url, due_at, etag, last_modified, failures, reason
"""
PUT = """
    INSERT INTO polls (url, due_at, etag, last_modified, failures, reason)
    VALUES (:url, :due_at, :etag, :last_modified, :failures, :reason)
    ON CONFLICT (url) DO UPDATE SET due_at = excluded.due_at, etag = excluded.etag,
        last_modified = excluded.last_modified, failures = excluded.failures, reason = excluded.reason
"""


class SqlPolls:
    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, urls: Iterable[str], now: float) -> list[str]:
        known = {poll.url: poll.due_at for poll in self.all()}
        return sorted((url for url in urls if known.get(url, 0.0) <= now), key=lambda url: known.get(url, 0.0))

    def claim(self, url: str, now: float, until: float) -> Poll | None:
        with self._database.write() as connection:
            row = connection.execute(CLAIM, {"url": url, "now": now, "until": until}).fetchone()
        return _poll(row) if row else None

    def put(self, polls: Iterable[Poll]) -> None:
        with self._database.write() as connection:
            connection.executemany(PUT, [poll._asdict() for poll in polls])

    def all(self) -> list[Poll]:
        return [_poll(row) for row in self._database.rows(f"{KNOWN} ORDER BY url")]

    def close(self) -> None:
        self._database.close()


def _poll(row: Row) -> Poll:
    return Poll(**{name: row[name] for name in Poll._fields})
