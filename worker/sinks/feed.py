"""The newest articles of a route as one file that a feed reader shows: JSON Feed or Atom. Guarantee: idempotent.

The file is written beside and put in place whole, under a lock of its own, so a reader never sees half of it and
several workers may write at once. What it holds is the records themselves, kept in `<file>.articles` as lines; a
retracted article leaves the feed but is remembered there, so that an old delivery does not bring it back.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from worker.errors import TransientError
from worker.formats.export import exported
from worker.formats.record import record
from worker.formats.times import updated_at
from worker.models import Receipt, ReceiptStatus, SinkItem
from worker.plugins import Guarantee, Options, reach_folder

Record = dict[str, Any]


class FeedOptions(Options):
    path: Path  # of the feed, such as public/oil.xml
    format: Literal["jsonfeed", "atom"] = "atom"
    title: str = "copydesk"
    entries: int = Field(default=100, ge=1, le=10_000)  # the newest; the oldest go beyond that
    text: Literal["full", "summary"] = "full"  # summary: the page's description, else the first paragraph


class FeedSink:
    Options: ClassVar[type[Options]] = FeedOptions
    guarantee: ClassVar[Guarantee] = "idempotent"

    def __init__(self, options: FeedOptions) -> None:
        self._options = options
        self._kept = options.path.with_name(f"{options.path.name}.articles")

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        if not items:
            return []
        made = [record(item.article, item.delivery) for item in items]
        try:
            self._options.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                held = self._read()
                answers = [_put(held, one) for one in made]
                if "stored" in answers or self._is_behind():
                    self._write(held)
        except OSError as exc:
            raise TransientError(f"the feed {self._options.path} cannot be written: {exc}") from exc
        return [
            Receipt(delivery_id=item.delivery.delivery_id, status=status)
            for item, status in zip(items, answers, strict=True)
        ]

    def reach(self) -> str:
        return reach_folder(self._options.path.parent)

    def close(self) -> None:
        pass

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._kept.with_name(f".{self._kept.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _read(self) -> dict[str, Record]:
        if not self._kept.exists():
            return {}
        with self._kept.open(encoding="utf-8") as lines:
            return {one["article_id"]: one for one in map(json.loads, lines)}

    def _is_behind(self) -> bool:
        """Whether a crash came between the articles and their feed."""
        feed = self._options.path
        return not feed.exists() or feed.stat().st_mtime_ns < self._kept.stat().st_mtime_ns

    def _write(self, held: dict[str, Record]) -> None:
        """Articles first, feed second: a crash between is mended by the redelivery."""
        kept = sorted(held.values(), key=_age, reverse=True)[: self._options.entries]
        _replace(self._kept, exported(kept, "jsonl", ""))
        shown = [self._shown(one) for one in kept if one["delivery"]["action"] != "retract"]
        _replace(self._options.path, exported(shown, self._options.format, self._options.title))

    def _shown(self, one: Record) -> Record:
        if self._options.text == "full":
            return one
        article = one["article"]
        return one | {"article": article | {"text": article["description"] or article["text"].split("\n\n")[0]}}


def _put(held: dict[str, Record], ours: Record) -> ReceiptStatus:
    """The higher version stays; a retraction beats its own version."""
    theirs = held.get(ours["article_id"])
    if theirs is not None:
        if _standing(theirs) > _standing(ours):
            return "superseded"
        if theirs["delivery"]["delivery_id"] == ours["delivery"]["delivery_id"]:
            return "unchanged"
    held[ours["article_id"]] = ours
    return "stored"


def _standing(one: Record) -> tuple[int, bool]:
    return one["version"], one["delivery"]["action"] == "retract"


def _age(one: Record) -> tuple[datetime, int, str]:
    """When an article was published; without a date, when it was captured."""
    told = one["article"]["published_at"] or one["capture"]["captured_at"] or updated_at(one)
    return datetime.fromisoformat(told).astimezone(UTC), one["version"], one["article_id"]


def _replace(path: Path, pieces: Iterator[str]) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
