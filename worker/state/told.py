"""What polled feeds told of pages they do not hold, kept until a capture of the page comes.

In the ledger's database, by the address as far as it names a page (`worker.references`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from worker.errors import ConfigError
from worker.models import Reference
from worker.state.sqlite import Database


class Told(Protocol):
    """All raise TransientError when the database is away or locked too long."""

    def put(self, references: Mapping[str, Reference]) -> int:
        """Keep references by their keys; returns how many were not known. The first that speaks of a page counts."""
        ...

    def get(self, keys: Iterable[str]) -> dict[str, Reference]:
        """What was told of these pages."""
        ...

    def expire(self, older_than_s: float) -> int:
        """Forget what was told longer ago; returns how many went."""
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...


def open_told(url: str) -> Told:
    """What was told, in the ledger's database: sqlite:///path or memory://."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and parts.path:
        return SqliteTold(unquote(parts.path))
    if parts.scheme == "memory":
        return SqliteTold(None)
    raise ConfigError(f"references: no such kind of URL {parts.scheme!r}; use sqlite:///path/to/ledger.db")


PUT = """
    INSERT INTO told (page, reference, told_at) VALUES (:page, :reference, (julianday('now') - 2440587.5) * 86400.0)
    ON CONFLICT (page) DO NOTHING
"""
GET = "SELECT page, reference FROM told WHERE page IN (SELECT value FROM json_each(:pages))"
EXPIRE = "DELETE FROM told WHERE told_at < (julianday('now') - 2440587.5) * 86400.0 - :older_than_s"


class SqliteTold:
    def __init__(self, path: str | Path | None) -> None:
        self._database = Database(None if path is None else Path(path), synced=False)

    def put(self, references: Mapping[str, Reference]) -> int:
        if not references:
            return 0
        with self._database.write() as connection:
            before = connection.total_changes
            rows = [
                {"page": page, "reference": reference.model_dump_json(exclude_defaults=True)}
                for page, reference in references.items()
            ]
            connection.executemany(PUT, rows)
            return connection.total_changes - before

    def get(self, keys: Iterable[str]) -> dict[str, Reference]:
        rows = self._database.rows(GET, {"pages": json.dumps(list(keys))})
        return {row["page"]: Reference.model_validate_json(row["reference"]) for row in rows}

    def expire(self, older_than_s: float) -> int:
        with self._database.write() as connection:
            return connection.execute(EXPIRE, {"older_than_s": older_than_s}).rowcount

    def close(self) -> None:
        self._database.close()
