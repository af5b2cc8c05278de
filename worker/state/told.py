"""What polled feeds told of pages they do not hold, kept until a capture of the page comes.

In the ledger's database, by the address as far as it names a page (`worker.references`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Protocol

from worker.models import Reference
from worker.state.database import Database, open_database


class Told(Protocol):
    """All raise TransientError when the database is away or locked too long."""

    def put(self, references: Mapping[str, Reference]) -> int:
        """Keep references by their keys; returns how many were not known. The first that speaks of a page counts."""
        ...

    def get(self, keys: Iterable[str]) -> dict[str, Reference]:
        """What was told of these pages."""
        ...

    def empty(self) -> bool:
        """Whether nothing at all was told."""
        ...

    def drop(self, keys: Iterable[str]) -> int:
        """Forget what was told of these pages; returns how many there were."""
        ...

    def expire(self, older_than_s: float) -> int:
        """Forget what was told longer ago; returns how many went."""
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...


def open_told(url: str) -> Told:
    """What was told, in the ledger's database: sqlite:///path, postgresql://… or memory://."""
    return SqlTold(open_database(url, synced=False))


PUT = """
    INSERT INTO told (page, reference, told_at) VALUES (:page, :reference, :now)
    ON CONFLICT (page) DO NOTHING
"""
GET = "SELECT page, reference FROM told WHERE page IN (SELECT value FROM json_each(:pages))"
DROP = "DELETE FROM told WHERE page IN (SELECT value FROM json_each(:pages))"
EXPIRE = "DELETE FROM told WHERE told_at < :before"


class SqlTold:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, references: Mapping[str, Reference]) -> int:
        if not references:
            return 0
        now = time.time()
        rows = [
            {"page": page, "reference": reference.model_dump_json(exclude_defaults=True), "now": now}
            for page, reference in references.items()
        ]
        with self._database.write() as connection:
            return connection.executemany(PUT, rows).rowcount

    def get(self, keys: Iterable[str]) -> dict[str, Reference]:
        rows = self._database.rows(GET, {"pages": json.dumps(list(keys))})
        return {row["page"]: Reference.model_validate_json(row["reference"]) for row in rows}

    def empty(self) -> bool:
        return not self._database.rows("SELECT page FROM told LIMIT 1")

    def drop(self, keys: Iterable[str]) -> int:
        with self._database.write() as connection:
            return connection.execute(DROP, {"pages": json.dumps(list(keys))}).rowcount

    def expire(self, older_than_s: float) -> int:
        with self._database.write() as connection:
            return connection.execute(EXPIRE, {"before": time.time() - older_than_s}).rowcount

    def close(self) -> None:
        self._database.close()
