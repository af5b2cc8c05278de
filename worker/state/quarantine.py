"""What could not be processed, with reason and all that is needed to try again. What is not seen to leaves it
after `keep.quarantine_days`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from worker.models import CaptureId, Quarantined, Stage
from worker.state.database import Database, open_database

LEAST_PREFIX = 4


class Quarantine(Protocol):
    """All raise TransientError when the database is away or locked too long."""

    def put(self, items: Sequence[Quarantined]) -> None:
        """Keep items. One that is there already is replaced: its reason and its attempts are newer."""
        ...

    def show(self, named: str) -> list[Quarantined]:
        """The items whose id, or capture's id, is or begins with this (at least 4 characters)."""
        ...

    def count(self) -> dict[str, int]:
        """How many, by reason."""
        ...

    def count_by_stage(self) -> dict[tuple[str, str], int]:
        """How many, by stage and reason."""
        ...

    def drop(self, quarantine_ids: Sequence[str]) -> int:
        """Forget items: they were replayed, or are not wanted. Returns how many there were."""
        ...

    def expire(self, older_than: datetime) -> int:
        """Forget what was quarantined before that time; returns how many went."""
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...

    def list(self, limit: int, *, stage: Stage | str | None = None, reason: str | None = None) -> list[Quarantined]:
        """The latest items, newest first; of all stages and reasons, or of these."""
        ...


def open_quarantine(url: str) -> Quarantine:
    """The quarantine in the ledger's database: sqlite:///path, postgresql://… or memory://."""
    return SqlQuarantine(open_database(url))


PUT = """
    INSERT INTO quarantine (quarantine_id, stage, reason, capture_id, quarantined_at, item)
    VALUES (:quarantine_id, :stage, :reason, :capture_id, :quarantined_at, :item)
    ON CONFLICT (quarantine_id) DO UPDATE SET
        reason = excluded.reason, quarantined_at = excluded.quarantined_at, item = excluded.item
"""
LIST = """
    SELECT item FROM quarantine
    WHERE (CAST(:stage AS TEXT) IS NULL OR stage = :stage) AND (CAST(:reason AS TEXT) IS NULL OR reason = :reason)
    ORDER BY quarantined_at DESC, rowid DESC LIMIT :limit
"""
SHOW = """
    SELECT item FROM quarantine
    WHERE quarantine_id BETWEEN :named AND CAST(:named AS TEXT) || 'g'
    OR capture_id BETWEEN :named AND CAST(:named AS TEXT) || 'g'
    ORDER BY quarantined_at DESC
"""
COUNT = "SELECT reason, count(*) AS count FROM quarantine GROUP BY reason ORDER BY reason"
COUNT_BY_STAGE = "SELECT stage, reason, count(*) AS count FROM quarantine GROUP BY stage, reason"
EXPIRE = "DELETE FROM quarantine WHERE quarantined_at < :before"
DROP = "DELETE FROM quarantine WHERE quarantine_id = :quarantine_id"


class SqlQuarantine:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, items: Sequence[Quarantined]) -> None:
        with self._database.write() as connection:
            connection.executemany(PUT, [_row(item) for item in items])

    def show(self, named: str) -> list[Quarantined]:
        if len(named) < LEAST_PREFIX:
            return []
        return [Quarantined.model_validate_json(row["item"]) for row in self._database.rows(SHOW, {"named": named})]

    def count(self) -> dict[str, int]:
        return {row["reason"]: row["count"] for row in self._database.rows(COUNT)}

    def count_by_stage(self) -> dict[tuple[str, str], int]:
        return {(row["stage"], row["reason"]): row["count"] for row in self._database.rows(COUNT_BY_STAGE)}

    def drop(self, quarantine_ids: Sequence[str]) -> int:
        with self._database.write() as connection:
            return connection.executemany(DROP, [{"quarantine_id": one} for one in quarantine_ids]).rowcount

    def expire(self, older_than: datetime) -> int:
        with self._database.write() as connection:
            return connection.execute(EXPIRE, {"before": older_than.timestamp()}).rowcount

    def close(self) -> None:
        self._database.close()

    def list(self, limit: int, *, stage: Stage | str | None = None, reason: str | None = None) -> list[Quarantined]:
        rows = self._database.rows(LIST, {"stage": stage, "reason": reason, "limit": limit})
        return [Quarantined.model_validate_json(row["item"]) for row in rows]


def _row(item: Quarantined) -> dict[str, object]:
    capture_id: CaptureId | None = item.capture.capture_id if item.capture else None
    return {
        "quarantine_id": item.quarantine_id,
        "stage": item.stage,
        "reason": item.reason,
        "capture_id": capture_id,
        "quarantined_at": item.quarantined_at.timestamp(),
        "item": item.model_dump_json(exclude_defaults=True),
    }
