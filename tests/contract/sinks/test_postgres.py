"""What only the PostgreSQL sink must do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from worker.errors import TransientError
from worker.models import SinkItem
from worker.plugins import open_sink

MakeItem = Callable[..., SinkItem]


def rows(store: Any, statement: str, *values: object) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(store.server.url(store.database), autocommit=True) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def test_articles_are_found_by_words_regions_and_topics(postgres_store: Any, item: MakeItem) -> None:
    kind, options = postgres_store.spec()
    sink = open_sink("test", kind, options)

    sink.write([item(1, text="An earthquake shook the island."), item(2)])
    sink.close()

    found = rows(
        postgres_store,
        "SELECT headline, record->'capture'->>'source' FROM copydesk.articles"
        " WHERE search @@ websearch_to_tsquery('simple', 'earthquake island') AND regions @> '{VE}'"
        " AND topics @> '{medtop:11000000}' AND published_at >= '2026-01-01'",
    )
    assert found == [("Headline 1, version 1", "wires")]


def test_a_table_of_another_version_is_named_with_the_way_out(postgres_store: Any, item: MakeItem) -> None:
    kind, options = postgres_store.spec()
    open_sink("test", kind, options).write([item(1)])
    rows(postgres_store, "ALTER TABLE copydesk.articles DROP COLUMN search")

    with pytest.raises(TransientError, match=r"search.* rename that schema"):
        open_sink("test", kind, options).write([item(2)])

    assert rows(postgres_store, "SELECT count(*) FROM copydesk.articles") == [(1,)]


def test_six_workers_that_start_at_once_make_the_table_once(postgres_store: Any, item: MakeItem) -> None:
    from concurrent.futures import ThreadPoolExecutor

    kind, options = postgres_store.spec()

    def work(number: int) -> str:
        sink = open_sink("test", kind, options)
        status = sink.write([item(number)])[0].status
        sink.close()
        return status

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(work, range(6)))

    assert answers == ["stored"] * 6
    assert rows(postgres_store, "SELECT version FROM copydesk.migrations") == [(1,), (2,)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "One word, one Word; words.",
        "again " * 300,
        " ".join(f"{number:x}" for number in range(18_000)) + " 1 464f late",
        "Bogotá’s co-operation, São_Paulo 3.5: OPEC對石油 और किसान \U00020bb7 it's a \\ 'quote'",
        "x" * 1000,
    ],
)
def test_the_words_sent_are_the_tsvector_that_the_server_makes_of_them(
    postgres_store: Any, item: Callable[..., SinkItem], text: str
) -> None:
    from worker.query import words

    one = item(1, text=text, headline="Again: 石油 prices")
    body = "\n\n".join(one.article.article.text)
    sink = open_sink("test", *postgres_store.spec())
    sink.write([one])
    sink.close()

    top = words(one.article.article.headline or "")
    places = [(word, f"{place}A") for place, word in enumerate(top, 1)]
    places += [(word, str(min(place, 16383))) for place, word in enumerate(words(body), len(top) + 1)]
    kept: dict[str, list[str]] = defaultdict(list)
    for word, place in places:
        kept[word] += [place] if len(kept[word]) < 255 else []
    told = [f"'{word}':{','.join(all_)}" for word, all_ in kept.items()]
    made = rows(postgres_store, "SELECT search = %s::tsvector, search::text FROM copydesk.articles", " ".join(told))
    assert made[0][0], made[0][1][:500]
