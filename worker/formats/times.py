"""Times of a record, as other forms want them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

EPOCH = "1970-01-01T00:00:00Z"
_CHARS = {"year": 4, "month": 7, "day": 10}


def date_time(moment: str | None, precision: str | None) -> str | None:
    """`moment` when it is known at least to the minute, else None."""
    return None if precision in _CHARS else moment


def date(moment: str | None, precision: str | None) -> str | None:
    """`moment` as far as it is known: a year, a month, a day or a time.

    >>> date("2026-01-05T00:00:00Z", "day"), date("2026-01-05T12:00:00Z", None)
    ('2026-01-05', '2026-01-05T12:00:00Z')
    """
    return moment and moment[: _CHARS.get(precision or "", len(moment))]


def updated_at(record: dict[str, Any]) -> str:
    """When this version came about, as well as it is known. Never a clock: the same record, the same time."""
    article = record["article"]
    told = article["modified_at"] or article["published_at"] or record["capture"]["captured_at"]
    moment = datetime.fromisoformat(told) if told else datetime.fromtimestamp(record["version"] / 1000, UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
