"""What only the Parquet sink must do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from worker.errors import TransientError
from worker.models import SinkItem
from worker.plugins import open_sink
from worker.sinks.parquet.outbox import Outbox

MakeItem = Callable[..., SinkItem]
DAY_MS = 86_400_000
LATER = 10**9


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.parquet"))


def test_rows_stand_by_day_and_region_with_typed_columns(parquet_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *parquet_store.spec())

    sink.write([item(1, version=5 * DAY_MS), item(2, version=6 * DAY_MS), item(3, version=6 * DAY_MS)])
    sink.close()

    folders = {name.rpartition("/")[0] for name in files(parquet_store.folder)}
    row = next(row for row in parquet_store.rows() if row["url"] == "https://news.example/1")
    assert folders == {"day=1970-01-06/region=VE", "day=1970-01-07/region=VE"}
    assert row["published_at"].isoformat() == "2026-01-05T12:00:00+00:00"
    assert (row["region"], row["regions"], row["topics"]) == ("VE", ["VE"], ["medtop:11000000"])
    assert json.loads(row["record"])["capture"]["source"] == "wires"


def test_many_batches_make_one_file_and_what_waits_is_cut_when_the_worker_stops(
    parquet_store: Any, item: MakeItem
) -> None:
    options = parquet_store.spec()[1] | {"cut_after_s": LATER, "rows_per_file": 20}
    sink = open_sink("test", "parquet", options)

    for start in range(0, 50, 10):
        sink.write([item(number) for number in range(start, start + 10)])
    while_running = len(parquet_store.rows())
    sink.close()

    assert while_running == 40
    assert len(parquet_store.rows()) == 50
    assert len(files(parquet_store.folder)) == 3


def test_a_repeat_in_another_batch_is_dropped_whether_its_file_stands_or_not(
    parquet_store: Any, item: MakeItem
) -> None:
    options = parquet_store.spec()[1] | {"cut_after_s": LATER, "rows_per_file": 4}
    sink = open_sink("test", "parquet", options)
    sink.write([item(number) for number in range(6)])

    answers = [receipt.status for receipt in sink.write([item(number) for number in (1, 5, 7)])]
    sink.close()

    assert answers == ["unchanged", "unchanged", "stored"]
    assert sorted(row["url"] for row in parquet_store.rows()) == [
        f"https://news.example/{n}" for n in (0, 1, 2, 3, 4, 5, 7)
    ]


def test_a_file_whose_writer_ended_is_written_by_the_next_with_the_same_rows(
    parquet_store: Any, item: MakeItem
) -> None:
    options = parquet_store.spec()[1] | {"cut_after_s": LATER}
    ended = open_sink("test", "parquet", options)
    ended.write([item(1), item(2)])
    Outbox(parquet_store.folder / "_outbox").bind(rows=100, size=LATER, added_before=float(LATER * 10))

    sink = open_sink("test", "parquet", options)
    answers = [receipt.status for receipt in sink.write([item(2), item(3)])]

    assert answers == ["unchanged", "stored"]
    assert sorted(row["url"] for row in parquet_store.rows()) == ["https://news.example/1", "https://news.example/2"]
    sink.close()
    ended.close()
    assert len(parquet_store.rows()) == 3


def test_what_waits_is_cut_though_no_batch_comes(parquet_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", "parquet", parquet_store.spec()[1] | {"cut_after_s": 0.5})

    sink.write([item(1)])
    at_once = len(parquet_store.rows())
    until = time.monotonic() + 20
    while not parquet_store.rows() and time.monotonic() < until:
        pass

    assert (at_once, len(parquet_store.rows())) == (0, 1)
    sink.close()


def test_no_half_written_file_is_left_where_readers_look(parquet_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *parquet_store.spec())
    sink.write([item(1)])

    with parquet_store.full(), pytest.raises(TransientError):
        sink.write([item(2)])

    names = [path.name for path in parquet_store.folder.rglob("*") if path.is_file()]
    assert [name for name in names if name.endswith(".part")] == []
    assert len(parquet_store.rows()) == 1
    sink.close()


def test_a_retraction_is_a_row_without_text(parquet_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *parquet_store.spec())

    sink.write([item(1), item(1, action="retract")])
    sink.close()

    told = {row["action"]: (row["headline"], row["text"]) for row in parquet_store.rows()}
    assert told["retract"] == (None, "")
    assert told["upsert"][0] == "Headline 1, version 1"
