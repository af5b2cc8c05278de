"""Reading back from the SQLite sink, while workers write: a reader of its own that sees whole batches."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from worker.errors import TransientError
from worker.query import Found, Query, Term, spaced

_AT = "coalesce(a.published_at, a.captured_at)"
_FILTERS = {
    "regions": "EXISTS (SELECT 1 FROM json_each(a.regions) WHERE value IN (SELECT value FROM json_each(:regions)))",
    "topics": "EXISTS (SELECT 1 FROM json_each(a.topics) WHERE value IN (SELECT value FROM json_each(:topics)))",
    "languages": "EXISTS (SELECT 1 FROM json_each(:languages)"
    " WHERE a.language = value OR a.language LIKE value || '-%')",
    "publishers": "EXISTS (SELECT 1 FROM json_each(:publishers)"
    " WHERE value IN (lower(a.publisher), lower(a.domain)) OR lower(a.domain) LIKE '%.' || value)",
    "since": f"{_AT} >= :since",
    "until": f"{_AT} < :until",
}


def search(path: Path, query: Query) -> Iterator[Found]:
    """The articles that answer `query`; none when the file is not there yet."""
    if not path.exists():
        return
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
        try:
            statement, values = _select(query)
            for record, text in connection.execute(statement, values):
                found = json.loads(record)
                found["article"]["text"] = text
                yield Found(found)
        finally:
            connection.close()
    except sqlite3.DatabaseError as exc:
        raise TransientError(f"{path} cannot be searched: {exc}") from exc


def _select(query: Query) -> tuple[str, dict[str, str | int]]:
    values: dict[str, str | int] = {
        "regions": json.dumps(query.regions),
        "topics": json.dumps(query.topics),
        "languages": json.dumps(query.languages),
        "publishers": json.dumps([name.lower() for name in query.publishers]),
        "since": _text(query.since),
        "until": _text(query.until),
        "limit": -1 if query.limit is None else query.limit,
    }
    wanted = [condition for name, condition in _FILTERS.items() if getattr(query, name)]
    source, order = "articles a", f"{_AT} DESC, a.id DESC"
    if query.words:
        source = "articles_search s JOIN articles a ON a.id = s.rowid"
        wanted.append("articles_search MATCH :match")
        values["match"] = _match(query.words, query.without)
        if not query.newest_first:
            order = "s.rank"
    where = " AND ".join(["NOT a.retracted", *wanted])
    return f"SELECT a.record, a.text FROM {source} WHERE {where} ORDER BY {order} LIMIT :limit", values  # noqa: S608


def _match(words: Sequence[Sequence[Term]], without: Sequence[Term]) -> str:
    """The query in FTS5's language; whatever was typed stands in quotes there."""
    wanted = " AND ".join(f"({' OR '.join(map(_phrase, group))})" for group in words)
    return f"({wanted}) NOT ({' OR '.join(map(_phrase, without))})" if without else wanted


def _phrase(term: Term) -> str:
    quoted = spaced(term.text).replace('"', " ").replace("\x00", " ")
    return f'"{quoted}"' + (" *" if term.prefix else "")


def _text(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
