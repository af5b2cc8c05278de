"""What only the PostgreSQL sink must do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.errors import TransientError
from worker.models import SinkItem
from worker.plugins import open_sink

MakeItem = Callable[..., SinkItem]


def rows(store: Any, statement: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(store.server.url(store.database), autocommit=True) as connection:
        cursor = connection.execute(statement)
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
    assert rows(postgres_store, "SELECT version FROM copydesk.migrations") == [(1,)]
