"""A delivery is durable in the outbox at once and visible when its file is cut: when it is full, when it has waited
long enough, or when the worker stops. Small files would make a lake useless, so a batch is not a file.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from worker.errors import TransientError
from worker.formats.flat import flat
from worker.models import Receipt, SinkItem
from worker.plugins import Guarantee, Options, reach_folder
from worker.sinks.parquet.outbox import Outbox, Row
from worker.sinks.parquet.table import write_file

NOWHERE = "__HIVE_DEFAULT_PARTITION__"  # read as null by Hive, Spark, Arrow and DuckDB
LARGEST_FILE = 128 * 1024 * 1024  # bytes of its rows before compression, so that one fits in memory
DAY_S = 86_400


class ParquetOptions(Options):
    folder: Path
    partition_by: tuple[Literal["day", "region"], ...] = ("day", "region")  # day: of the capture, in UTC
    rows_per_file: int = Field(default=10_000, gt=0)
    cut_after_s: float = Field(default=300, ge=0)  # a file that is not full waits so long for more rows
    remember_days: int = Field(default=30, gt=0)  # a repeat within that time is dropped
    outbox: Path | None = None  # null: `_outbox` in the folder; a local disk when the folder is a mounted one


class ParquetSink:
    Options: ClassVar[type[Options]] = ParquetOptions
    guarantee: ClassVar[Guarantee] = "at_least_once"

    def __init__(self, options: ParquetOptions) -> None:
        self._options = options
        self._outbox = Outbox(options.outbox or options.folder / "_outbox")
        self._stopped = threading.Event()
        self._clock: threading.Thread | None = None

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        rows = [self._row(item) for item in items]
        with self._told():
            new = self._outbox.add(rows, time.time())
        self._cut()
        self._keep_cutting()
        return [
            Receipt(delivery_id=row.delivery_id, status="stored" if is_new else "unchanged")
            for row, is_new in zip(rows, new, strict=True)
        ]

    def reach(self) -> str:
        reach_folder(self._options.outbox or self._options.folder)
        return reach_folder(self._options.folder)

    def close(self) -> None:
        if self._clock is None or self._stopped.is_set():
            return
        self._stopped.set()
        self._clock.join()
        with contextlib.suppress(TransientError):  # the rows are safe: whoever writes next cuts them
            self._cut(added_before=time.time())

    def _row(self, item: SinkItem) -> Row:
        columns = flat(item.article, item.delivery)
        columns["record"] = json.dumps(columns["record"], ensure_ascii=False, separators=(",", ":"))
        day = datetime.fromtimestamp(item.delivery.version / 1000, UTC).date().isoformat()
        parts = {"day": day, "region": quote(columns["region"] or NOWHERE, safe="")}
        partition = "/".join(f"{name}={parts[name]}" for name in self._options.partition_by)
        return Row(item.delivery.delivery_id, partition, json.dumps(columns, ensure_ascii=False).encode())

    def _cut(self, added_before: float | None = None) -> None:
        """Write the files that are due, and those that a crash left unwritten."""
        options = self._options
        if added_before is None:
            added_before = time.time() - options.cut_after_s
        with self._told(), self._outbox.cutting():
            self._outbox.bind(rows=options.rows_per_file, size=LARGEST_FILE, added_before=added_before)
            for file in self._outbox.unwritten():
                write_file(options.folder / file, self._outbox.rows_of(file), without=options.partition_by)
                self._outbox.written(file)
            self._outbox.forget(time.time() - options.remember_days * DAY_S)

    def _keep_cutting(self) -> None:
        """Cut what is due while no batch comes. A failure waits for the next batch, which tells it."""

        def turn() -> None:
            while not self._stopped.wait(max(1.0, self._options.cut_after_s / 4)):
                with contextlib.suppress(TransientError):
                    self._cut()

        if self._clock is None:
            self._clock = threading.Thread(target=turn, name="parquet-cut", daemon=True)
            self._clock.start()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as exc:
            raise TransientError(f"the folder {self._options.folder} takes no rows: {exc}") from exc
