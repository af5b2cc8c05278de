"""Reading back from the PostgreSQL sink, with a cursor on the server: constant memory here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql

from worker.query import Found, Query, Term, words

_AT = sql.SQL("coalesce(published_at, captured_at)")
_NEWEST = sql.SQL("{} DESC NULLS LAST, article_id").format(_AT)
_FILTERS = {
    "regions": sql.SQL("regions && %(regions)s::text[]"),
    "topics": sql.SQL("topics && %(topics)s::text[]"),
    "languages": sql.SQL(
        "EXISTS (SELECT FROM unnest(%(languages)s::text[]) tag"
        " WHERE language = tag OR starts_with(language, tag || '-'))"
    ),
    "publishers": sql.SQL(
        "EXISTS (SELECT FROM unnest(%(publishers)s::text[]) name"
        " WHERE name IN (lower(publisher), lower(domain)) OR lower(domain) LIKE '%%.' || name)"
    ),
    "since": _AT + sql.SQL(" >= %(since)s"),
    "until": _AT + sql.SQL(" < %(until)s"),
}


def search(connection: psycopg.Connection[Any], schema: str, query: Query) -> Iterator[Found]:
    """The articles that answer `query`; none when the table is not there yet."""
    table = sql.Identifier(schema, "articles")
    there = connection.execute("SELECT to_regclass(%s)", (table.as_string(connection),)).fetchone()
    if there is None or there[0] is None:
        return
    values: dict[str, Any] = {name: getattr(query, name) for name in ("since", "until", "limit")}
    values |= {name: list(getattr(query, name)) for name in ("regions", "topics", "languages")}
    values["publishers"] = [name.lower() for name in query.publishers]
    wanted = [sql.SQL("NOT retracted"), *(part for name, part in _FILTERS.items() if getattr(query, name))]
    order: sql.Composable = _NEWEST
    if query.words:
        match = _match(query.words, query.without, values)
        wanted.append(sql.SQL("search @@ ({})").format(match))
        if not query.newest_first:
            order = sql.SQL("ts_rank(search, ({})) DESC, article_id").format(match)
    statement = sql.SQL("SELECT record, body FROM {table} WHERE {wanted} ORDER BY {order} LIMIT %(limit)s").format(
        table=table, wanted=sql.SQL(" AND ").join(wanted), order=order
    )
    with connection.transaction(), connection.cursor("found") as cursor:
        cursor.itersize = 200
        for record, body in cursor.execute(statement, values):
            record["article"]["text"] = body
            yield Found(record)


def _match(groups: Sequence[Sequence[Term]], without: Sequence[Term], values: dict[str, Any]) -> sql.Composable:
    """The query as a tsquery; what was typed goes into `values`."""

    def phrase(term: Term) -> sql.Composable:
        name = f"term_{len(values)}"
        values[name] = " <-> ".join(f"'{word}'" for word in words(term.text)) + (":*" if term.prefix else "")
        return sql.SQL("{}::tsquery").format(sql.Placeholder(name))

    def any_of(terms: Sequence[Term]) -> sql.Composable:
        return sql.SQL("({})").format(sql.SQL(" || ").join(map(phrase, terms)))

    wanted = sql.SQL(" && ").join(map(any_of, groups))
    return sql.SQL("{} && !! {}").format(wanted, any_of(without)) if without else wanted
