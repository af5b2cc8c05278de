"""What only the JSONL sink must do."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.errors import TransientError
from worker.models import SinkItem
from worker.plugins import open_sink

MakeItem = Callable[..., SinkItem]


def test_a_file_that_is_large_enough_is_set_aside(tmp_path: Path, item: MakeItem) -> None:
    sink = open_sink("test", "jsonl", {"folder": str(tmp_path), "rotate_bytes": 5000})

    for number in range(12):
        sink.write([item(number)])

    names = sorted(path.name for path in tmp_path.glob("*.jsonl"))
    lines = [json.loads(line) for name in names for line in (tmp_path / name).open()]
    assert names[:2] == ["articles-000001.jsonl", "articles-000002.jsonl"]
    assert names[-1] == "articles.jsonl"
    assert len({line["article_id"] for line in lines}) == len(lines) == 12


def test_a_torn_tail_is_moved_aside_and_the_next_line_stands_alone(tmp_path: Path, item: MakeItem) -> None:
    sink = open_sink("test", "jsonl", {"folder": str(tmp_path)})
    sink.write([item(1)])
    with (tmp_path / "articles.jsonl").open("a") as file:
        file.write('{"schema_version": "1.0", "article_')

    sink.write([item(2)])

    lines = [json.loads(line) for line in (tmp_path / "articles.jsonl").open()]
    assert [line["capture"]["origin"]["record"] for line in lines] == [1, 2]
    assert (tmp_path / "articles.jsonl.torn").read_text() == '{"schema_version": "1.0", "article_\n'


def test_a_full_disk_takes_nothing_and_leaves_no_half_line(
    tmp_path: Path, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = open_sink("test", "jsonl", {"folder": str(tmp_path)})
    sink.write([item(1)])
    before = (tmp_path / "articles.jsonl").read_bytes()
    write = os.write

    def write_on_a_disk_that_fills(file: int, data: bytes) -> int:
        if len(data) <= 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[: len(data) - 100])

    with monkeypatch.context() as full:
        full.setattr(os, "write", write_on_a_disk_that_fills)
        with pytest.raises(TransientError, match="No space left"):
            sink.write([item(2)])

    assert (tmp_path / "articles.jsonl").read_bytes() == before
    sink.write([item(2)])
    assert len((tmp_path / "articles.jsonl").read_text().splitlines()) == 2
