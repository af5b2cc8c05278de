"""Records as lines in a folder: `articles.jsonl`, and what was rotated beside it. Guarantee: at least once.

After a crash between the line and the ledger a record may stand twice; readers drop repeats by
`delivery.delivery_id`. Every writer takes the folder's lock, writes its batch in one piece and syncs it, so no
line is torn by another; a tail left by a crash is moved aside.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from worker.errors import TransientError
from worker.formats.record import line
from worker.models import Receipt, SinkItem
from worker.plugins import Guarantee, Options, reach_folder

CURRENT = "articles.jsonl"
_ROTATED = re.compile(r"articles-(\d{6})\.jsonl")


class JsonlOptions(Options):
    folder: Path
    rotate_bytes: int = Field(default=256 * 1024 * 1024, gt=0)  # a file at least this large is set aside
    sync: bool = True  # false: survives a killed worker, but not a power cut


class JsonlSink:
    Options: ClassVar[type[Options]] = JsonlOptions
    guarantee: ClassVar[Guarantee] = "at_least_once"

    def __init__(self, options: JsonlOptions) -> None:
        self._options = options

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        lines = b"".join(line(item.article, item.delivery) for item in items)
        try:
            self._options.folder.mkdir(parents=True, exist_ok=True)
            with _locked(self._options.folder), self._current() as file:
                _append(file, lines, sync=self._options.sync)
        except OSError as exc:
            raise TransientError(f"the folder {self._options.folder} takes no lines: {exc}") from exc
        return [Receipt(delivery_id=item.delivery.delivery_id, status="stored") for item in items]

    def reach(self) -> str:
        return reach_folder(self._options.folder)

    def close(self) -> None:
        pass

    @contextlib.contextmanager
    def _current(self) -> Iterator[int]:
        """The file to append to, whole to its last line and not too large. Only under the lock."""
        path = self._options.folder / CURRENT
        if path.exists() and path.stat().st_size >= self._options.rotate_bytes:
            path.rename(path.with_name(f"articles-{self._next_number():06d}.jsonl"))
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            _set_torn_tail_aside(file, path)
            yield file
        finally:
            os.close(file)

    def _next_number(self) -> int:
        rotated = (_ROTATED.fullmatch(name) for name in os.listdir(self._options.folder))
        return 1 + max((int(found[1]) for found in rotated if found), default=0)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _append(file: int, lines: bytes, *, sync: bool) -> None:
    """All of `lines`, or none: a write that stops short (a full disk) is taken back."""
    end = os.fstat(file).st_size
    rest = memoryview(lines)
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
        if sync:
            os.fsync(file)
    except OSError:
        os.ftruncate(file, end)
        raise


def _set_torn_tail_aside(file: int, path: Path) -> None:
    size = os.fstat(file).st_size
    if size == 0 or os.pread(file, 1, size - 1) == b"\n":
        return
    whole = size
    while whole > 0:
        start = max(0, whole - 65_536)
        newline = os.pread(file, whole - start, start).rfind(b"\n")
        if newline >= 0:
            whole = start + newline + 1
            break
        whole = start
    with open(path.with_name(f"{CURRENT}.torn"), "ab") as torn:
        torn.write(os.pread(file, size - whole, whole) + b"\n")
        torn.flush()
        os.fsync(torn.fileno())
    os.ftruncate(file, whole)
