"""Captures on their way: read, spooled, accepted, published, in chunks."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from worker.app import PRIORITY_STEPS, App, create, send
from worker.intake import Unreadable, read
from worker.models import (
    BrokenRecord,
    Capture,
    CaptureFacts,
    Origin,
    Priority,
    Quarantined,
    RawCapture,
    Reference,
    digest_of,
)
from worker.observe import tracing
from worker.producer.places import KeptPlaces
from worker.producer.room import LOOK_EVERY_S, Room
from worker.producer.tally import Tally
from worker.references import References, joined, page_key
from worker.settings import Settings
from worker.state.backlog import Backlog
from worker.state.ledger import Ledger, open_ledger
from worker.state.quarantine import Quarantine, open_quarantine
from worker.state.readings import Readings, open_readings
from worker.state.spool import DAY_S, Spool, open_spool
from worker.state.told import Told, open_told

CHUNK_ITEMS = 512  # captures spooled and accepted together: three syncs to the disk for all of them
CHUNK_BYTES = 16 * 1024 * 1024  # raw bytes held before they are spooled
HOLD_S = 1.0  # seconds a capture waits at most for its chunk, while others come


class Producer:
    """Puts captures on their way: bytes into the spool, the capture into the ledger, its reference into the queue."""

    def __init__(
        self,
        settings: Settings,
        *,
        app: App,
        spool: Spool,
        ledger: Ledger,
        quarantine: Quarantine,
        readings: Readings,
        told: Told,
        room: Room,
        priority: Priority = "normal",
        watch: Callable[[Tally], None] | None = None,
        rate: float | None = None,
    ) -> None:
        self.tally = Tally()
        self._app = app
        self._spool = spool
        self._ledger = ledger
        self._quarantine = quarantine
        self._readings = readings
        self._told = told
        self._room = room
        self._priority = priority
        self._watch = watch or (lambda tally: None)
        self._rate = rate
        self._chunk_items = min(CHUNK_ITEMS, settings.producer.high_water, max(1, int(rate or CHUNK_ITEMS)))
        self._may_at = 0.0  # when the rate lets the next chunk go
        self._places: KeptPlaces | None = None  # of the `take` that runs
        self._chunk: list[RawCapture | BrokenRecord] = []
        self._bytes = 0  # of the bodies in the chunk
        self._oldest = 0.0  # when the first of the chunk came
        self._accepted: list[Capture] = []  # not yet published

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        priority: Priority = "normal",
        watch: Callable[[Tally], None] | None = None,
        rate: float | None = None,
    ) -> Self:
        """A producer on the configured broker, spool and ledger. `rate` is captures a second at most."""
        tracing.start(settings.tracing, "producer")
        broker, spool = settings.broker, open_spool(settings.spool_url, ttl_s=settings.keep.spool_days * DAY_S)
        backlog = Backlog(broker.url, settings.queues, prefix=broker.key_prefix, steps=PRIORITY_STEPS)
        return cls(
            settings,
            app=create(settings, role="producer"),
            spool=spool,
            ledger=open_ledger(settings.ledger_url),
            quarantine=open_quarantine(settings.ledger_url),
            readings=open_readings(settings.ledger_url),
            told=open_told(settings.ledger_url),
            room=Room(settings, backlog, spool),
            priority=priority,
            watch=watch,
            rate=rate,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self.close()

    def close(self) -> None:
        """Close the connections. What was added and not flushed is not sent."""
        self._room.close()
        self._ledger.close()
        self._quarantine.close()
        self._readings.close()
        self._told.close()
        self._spool.close()
        self._app.close()
        tracing.stop()

    def add_page(self, url: str | None, body: bytes, *, media_type: str = "text/html", **facts: object) -> None:
        """Take in one fetched page. `facts` are those of CaptureFacts: captured_at, source, title, …"""
        self.add(
            RawCapture.model_validate(
                {"url": url, "body": body, "media_type": media_type, "origin": Origin(location=url or "api"), **facts}
            )
        )

    def take(
        self,
        locations: Sequence[str],
        *,
        kind: str = "auto",
        defaults: CaptureFacts | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        limit: int | None = None,
        afresh: bool = False,
    ) -> Tally:
        """Take in all records of files, folders, globs and `-`; goes on where an earlier run of the same ended.

        `options` are the owner's for kinds of sources: {"jsonl": {"preset": "scrapy"}}. `afresh` reads all again;
        captures that were accepted before are repeats then. The tally is that of this producer's whole life.
        """
        references = References()
        self._places = KeptPlaces(self._readings, self.tally, afresh=afresh)
        try:
            records = read(
                locations, kind=kind, defaults=defaults, references=references, places=self._places, options=options
            )
            for record in itertools.islice(records, limit):
                self.add(record)
            self.flush()
        finally:
            self._places = None
        self.tally.references += references.without_page
        return self.tally

    def remember(self, references: Iterable[Reference]) -> int:
        """Keep what was told of pages, for when their captures come; returns how many pages are new."""
        return self._told.put({page_key(reference.url): reference for reference in references})

    @property
    def full(self) -> str:
        """Why `add` would wait, in words; empty when it would not."""
        return self._room.full()

    def add(self, record: RawCapture | BrokenRecord | Unreadable) -> None:
        """Take in what a source gave. Waits while the queues are full. Raises TransientError when Redis is away.

        Published is in chunks; `flush` publishes what is left.
        """
        if not self.tally.see(record) or isinstance(record, Unreadable):
            return
        now = time.monotonic()
        if not self._chunk:
            self._oldest = now
        self._chunk.append(record)
        self._bytes += len(record.body)
        full = len(self._chunk) >= self._chunk_items or self._bytes >= CHUNK_BYTES
        if full or now - self._oldest >= HOLD_S:
            self.flush()

    def flush(self) -> None:
        """Publish what was added; then how far was read is kept, never before.

        What could not be published stays for the next flush.
        """
        if self._chunk:
            self._wait_for_room()
            self._accept()
        if self._accepted:
            with tracing.span("copydesk.enqueue", items=len(self._accepted)):
                messages = send(self._app, "normalize", self._accepted, priority=self._priority)
            self._room.sent(messages)
            self.tally.messages += messages
            self._accepted = []
        if self._places is not None:
            self._places.keep()
            self.tally.position = self._places.position
        self._watch(self.tally)

    def _accept(self) -> None:
        broken = [_quarantined(record) for record in self._chunk if isinstance(record, BrokenRecord)]
        if broken:
            self._quarantine.put(broken)
        raws = self._told_of([record for record in self._chunk if isinstance(record, RawCapture)])
        refs = self._spool.put_many([raw.body for raw in raws])
        now = datetime.now(UTC)
        captures = [
            Capture.of(raw, ref, accepted_at=now, priority=self._priority) for raw, ref in zip(raws, refs, strict=True)
        ]
        fresh = [capture for capture, new in zip(captures, self._ledger.accept(captures), strict=True) if new]
        self._accepted += fresh
        self._chunk, self._bytes = [], 0
        self.tally.accepted += len(fresh)
        self.tally.repeats += len(captures) - len(fresh)

    def _told_of(self, raws: Sequence[RawCapture]) -> list[RawCapture]:
        """The captures, with what polled feeds told of their pages."""
        if self._told.empty():
            return list(raws)
        keys = {raw.url: page_key(raw.url) for raw in raws if raw.url and not (raw.title and raw.published_at)}
        told = self._told.get(keys.values()) if keys else {}
        if not told:
            return list(raws)
        found = {url: told[key] for url, key in keys.items() if key in told}
        return [joined(raw, found[raw.url]) if raw.url in found else raw for raw in raws]

    def _wait_for_room(self) -> None:
        if self._rate:
            time.sleep(max(0.0, self._may_at - time.monotonic()))
            self._may_at = time.monotonic() + len(self._chunk) / self._rate
        while True:
            self.tally.paused = self._room.full()
            self.tally.backlog = self._room.messages
            if not self.tally.paused:
                return
            self._watch(self.tally)
            time.sleep(LOOK_EVERY_S)


def _quarantined(record: BrokenRecord) -> Quarantined:
    return Quarantined(
        quarantine_id=digest_of("broken", record.origin.model_dump(mode="json"), record.reason),
        stage="source",
        reason=record.reason,
        detail=record.detail,
        origin=record.origin,
        item=record.body.decode("utf-8", "backslashreplace"),
        quarantined_at=datetime.now(UTC),
    )
