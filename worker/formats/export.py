"""Many records in one form: what `copydesk export` writes, piece by piece."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from worker.formats.feeds import atom, json_feed
from worker.formats.jsonld import jsonld
from worker.formats.ninjs import ninjs

Records = Iterable[dict[str, Any]]
COLUMNS = (
    *("article_id", "version", "published_at", "language", "headline", "publisher", "domain", "region", "regions"),
    *("topic", "topics", "duplicate", "story_id", "authors", "url", "description", "text"),
)


def exported(records: Records, form: str, title: str) -> Iterator[str]:
    """The pieces of `records` in one of FORMS; `title` is that of a feed."""
    yield from FORMS[form](records, title)


def _lines(form: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Records, str], Iterator[str]]:
    def lines(records: Records, title: str) -> Iterator[str]:
        for record in records:
            yield json.dumps(form(record), ensure_ascii=False, separators=(",", ":")) + "\n"

    return lines


def _csv(records: Records, title: str) -> Iterator[str]:
    """A header and a row an article (RFC 4180); several values stand in one cell with a space between."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for record in records:
        yield _taken(buffer)
        writer.writerow(_cells(record))
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _cells(record: dict[str, Any]) -> list[Any]:
    article, regions, topics = record["article"], record["regions"], record["topics"]
    publisher = article["publisher"] or {"name": None, "domain": None}
    told = {
        **article,
        **{name: record[name] for name in ("article_id", "version")},
        **{"publisher": publisher["name"], "domain": publisher["domain"]},
        "region": regions["primary"],
        "regions": " ".join(one["code"] for one in (*regions["about"], *regions["subdivisions"])),
        "topic": topics["primary"],
        "topics": " ".join(one["code"] for topic in topics["all"] for one in (topic, topic["second_level"]) if one),
        "duplicate": record["duplicate"]["kind"],
        "story_id": record["duplicate"]["story_id"],
        "authors": "; ".join(article["authors"]),
        "url": article["canonical_url"] or article["url"],
    }
    return [told[name] for name in COLUMNS]


FORMS: dict[str, Callable[[Records, str], Iterator[str]]] = {
    "jsonl": _lines(lambda record: record),
    "ninjs": _lines(ninjs),
    "jsonld": _lines(jsonld),
    "jsonfeed": json_feed,
    "atom": atom,
    "csv": _csv,
}
