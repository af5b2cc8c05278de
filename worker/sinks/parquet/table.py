"""The columns of a file, and how it comes to stand: whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_TIME = pa.timestamp("us", tz="UTC")
COLUMNS = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("delivery_id", pa.string(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("headline", pa.string()),
        pa.field("text", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("published_at", _TIME),
        pa.field("captured_at", _TIME),
        pa.field("language", pa.string(), nullable=False),
        pa.field("publisher", pa.string()),
        pa.field("source", pa.string(), nullable=False),
        pa.field("region", pa.string()),
        pa.field("topic", pa.string()),
        pa.field("regions", pa.list_(pa.string()), nullable=False),
        pa.field("topics", pa.list_(pa.string()), nullable=False),
        pa.field("duplicate", pa.string(), nullable=False),
        pa.field("story_id", pa.string(), nullable=False),
        pa.field("route", pa.string(), nullable=False),
        pa.field("record", pa.string(), nullable=False),
    ],
    metadata={"copydesk.columns": "1"},  # rises when a column changes its meaning
)


def write_file(path: Path, rows: Sequence[bytes], *, without: Sequence[str]) -> None:
    """A file of these rows (JSON), synced, under its name only when it is whole. The folder's name tells `without`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [name for name in COLUMNS.names if name not in without]
    table = pa.Table.from_pylist([_row(row) for row in rows], schema=COLUMNS).select(columns)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            pq.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _row(told: bytes) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(told)
    for name in ("published_at", "captured_at"):
        row[name] = row[name] and datetime.fromisoformat(row[name])
    return row
