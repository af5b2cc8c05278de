"""The entries of a JSON Feed (jsonfeed.org, versions 1 and 1.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from worker.errors import BadCapture
from worker.sources import time_of
from worker.sources.feed.entries import Entry, absolute, plain_of


def json_entries(document: bytes, location: str) -> Iterator[Entry]:
    """The entries in order; raises BadCapture when the document is not a feed."""
    try:
        feed = json.loads(document.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        raise BadCapture(
            f"{location}: not a JSON Feed: {getattr(exc, 'msg', 'not UTF-8, or nested too deeply')}"
        ) from exc
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise BadCapture(f"{location}: not a JSON Feed: it has no list of `items`")
    base = _word(feed, "home_page_url") or ""
    for item in items:
        yield _entry(item if isinstance(item, dict) else {}, feed, base)


def _entry(item: dict[str, Any], feed: dict[str, Any], base: str) -> Entry:
    content = _word(item, "content_html")
    authors = [*_list(item, "authors"), item.get("author"), *_list(feed, "authors"), feed.get("author")]
    names = (_word(author, "name") for author in authors if isinstance(author, dict))
    identity = item.get("id")
    return Entry(
        url=absolute(_word(item, "url"), base) or absolute(identity if isinstance(identity, str) else None, ""),
        title=plain_of(_word(item, "title")),
        published_at=time_of(item.get("date_published")) or time_of(item.get("date_modified")),
        language=_word(item, "language") or _word(feed, "language"),
        publisher=_word(feed, "title"),
        author=next((name for name in names if name), None),
        external_id=str(identity) if isinstance(identity, str | int) else None,
        summary=_word(item, "summary"),
        content=content or _word(item, "content_text") or "",
        plain=content is None,
    )


def _word(record: dict[str, Any], key: str) -> str | None:
    value = record.get(key)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and value.strip() else None


def _list(record: dict[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    return value if isinstance(value, list) else []
