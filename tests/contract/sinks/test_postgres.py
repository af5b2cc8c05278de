"""What only the PostgreSQL sink must do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.errors import TransientError
from worker.models import SinkItem
from worker.plugins import check_sink, open_sink

MakeItem = Callable[..., SinkItem]


def rows(store: Any, statement: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(store.server.url(store.database), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_one_row_that_the_owner_forbids_is_rejected_and_its_31_neighbours_are_stored(
    postgres_store: Any, item: MakeItem
) -> None:
    kind, options = postgres_store.spec()
    sink = open_sink("test", kind, options)
    sink.write([item(100)])
    rows(postgres_store, "ALTER TABLE copydesk.articles ADD CONSTRAINT no_gossip CHECK (headline <> 'Gossip')")

    receipts = sink.write([item(number, headline="Gossip" if number == 7 else None) for number in range(32)])
    sink.close()

    assert [number for number, receipt in enumerate(receipts) if receipt.status == "rejected"] == [7]
    assert {receipt.status for receipt in receipts} == {"stored", "rejected"}
    assert "no_gossip" in receipts[7].detail
    assert "Second paragraph" not in receipts[7].detail
    assert len(postgres_store.read()) == 32


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


def test_wrong_credentials_are_transient_and_never_told(postgres_store: Any, item: MakeItem) -> None:
    url = f"postgresql://nobody:s3cret@/{postgres_store.database}?host={postgres_store.server.home}"
    sink = open_sink("test", "postgres", {"url": url})

    with pytest.raises(TransientError, match="PostgreSQL") as told:
        sink.write([item(1)])

    assert "s3cret" not in str(told.value)
    assert "s3cret" not in repr(check_sink("test", "postgres", {"url": url}))


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
