"""Source, spool, first queue: how captures get in. Importable by other programs, without the stage libraries.

    from worker.producer import Producer
    from worker.settings import load

    with Producer.open(load()) as producer:
        producer.add_page("https://example.org/story", html_bytes)
        producer.take(["crawl/", "feed.xml"], defaults=CaptureFacts(source="crawler"))

A capture is in the ledger before it is in the queue, so what is published too early or never is found again by
`copydesk reconcile`. What was accepted before is a repeat: it is counted and not published.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from worker.app import PRIORITY_STEPS, App, create, send
from worker.intake import Places, Unreadable, place, read
from worker.models import BrokenRecord, Capture, CaptureFacts, Origin, Priority, Quarantined, RawCapture, digest_of
from worker.references import References
from worker.settings import Settings
from worker.state.backlog import Backlog
from worker.state.ledger import Ledger, open_ledger
from worker.state.quarantine import Quarantine, open_quarantine
from worker.state.readings import Mark, Readings, open_readings
from worker.state.spool import Spool, open_spool

LOOK_EVERY_S = 0.5  # seconds between looks at the backlog
BUFFER_BYTES = 4 * 1024 * 1024  # raw bytes held before they are spooled


@dataclass
class Tally:
    """What a run took in, for a progress bar and a summary."""

    read: int = 0
    accepted: int = 0
    repeats: int = 0
    broken: int = 0
    unreadable: int = 0
    remarks: int = 0
    references: int = 0  # addresses in feeds and sitemaps without a page in this run
    resumed: int = 0  # locations that an earlier run finished or began
    bytes: int = 0
    messages: int = 0
    backlog: int | None = None  # messages, at the last look
    paused: str = ""  # why the producer waits; empty: it does not
    problems: list[str] = field(default_factory=list)  # the first ones, a line each, for people

    @property
    def clean(self) -> bool:
        return not self.broken and not self.unreadable

    def note(self, line: str) -> None:
        if len(self.problems) < 20:
            self.problems.append(line)

    def see(self, record: RawCapture | BrokenRecord | Unreadable) -> bool:
        """Count what a source gave; True when it is a record, well or broken."""
        if isinstance(record, Unreadable):
            self.unreadable += 1
            self.note(f"{record.location}: {record.detail}")
            return False
        if isinstance(record, BrokenRecord) and not record.lost:
            self.remarks += 1
            self.note(f"{place(record.origin)}: remark: {record.detail}")
            return False
        self.read += 1
        self.bytes += len(record.body)
        if isinstance(record, BrokenRecord):
            self.broken += 1
            self.note(f"{place(record.origin)}: {record.detail}")
        return True


class _Places(Places):
    """The places of a producer: kept in the ledger's database, each only once what was read is published."""

    def __init__(self, readings: Readings, tally: Tally, *, afresh: bool) -> None:
        self._readings = readings
        self._tally = tally
        self._afresh = afresh
        self._last = Mark()  # of the location that is being read
        self._moved: dict[str, Mark] = {}

    def begin(self, key: str) -> tuple[int, int] | None:
        mark = Mark() if self._afresh else self._readings.mark(key)
        self._tally.resumed += mark != Mark()
        self._last = mark
        return None if mark.done else (mark.offset, mark.taken)

    def took(self, key: str, offset: int, taken: int) -> None:
        self._moved[key] = self._last = Mark(offset, taken)

    def finished(self, key: str) -> None:
        self._moved[key] = self._last._replace(done=True)

    def keep(self) -> None:
        self._readings.put(self._moved)
        self._moved = {}


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
        backlog: Backlog,
        priority: Priority = "normal",
        watch: Callable[[Tally], None] | None = None,
        rate: float | None = None,
    ) -> None:
        self.tally = Tally()
        self._settings = settings
        self._app = app
        self._spool = spool
        self._ledger = ledger
        self._quarantine = quarantine
        self._readings = readings
        self._backlog = backlog
        self._priority = priority
        self._watch = watch or (lambda tally: None)
        self._rate = rate
        self._began = time.monotonic()
        self._looked = 0.0
        self._places: _Places | None = None  # of the `take` that runs
        self._buffer: list[RawCapture] = []
        self._buffered = 0

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
        return cls(
            settings,
            app=create(settings, role="producer"),
            spool=open_spool(settings.spool_url),
            ledger=open_ledger(settings.ledger_url),
            quarantine=open_quarantine(settings.ledger_url),
            readings=open_readings(settings.ledger_url),
            backlog=Backlog(
                settings.broker.url, settings.queues, prefix=settings.broker.key_prefix, steps=PRIORITY_STEPS
            ),
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
        self._backlog.close()
        self._ledger.close()
        self._quarantine.close()
        self._readings.close()
        self._spool.close()
        self._app.close()

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
        limit: int | None = None,
        afresh: bool = False,
    ) -> Tally:
        """Take in all records of files, folders, globs and `-`; goes on where an earlier run of the same ended.

        `afresh` reads all again; captures that were accepted before are repeats then. The tally is that of this
        producer's whole life.
        """
        references = References()
        self._places = _Places(self._readings, self.tally, afresh=afresh)
        try:
            records = read(locations, kind=kind, defaults=defaults, references=references, places=self._places)
            for record in itertools.islice(records, limit):
                self.add(record)
            self.flush()
        finally:
            self._places = None
        self.tally.references += references.without_page
        return self.tally

    def add(self, record: RawCapture | BrokenRecord | Unreadable) -> None:
        """Take in what a source gave. Waits while the queues are full. Raises TransientError when Redis is away."""
        if not self.tally.see(record) or isinstance(record, Unreadable):
            return
        if isinstance(record, BrokenRecord):
            self._quarantine.put([self._broken(record)])
            return
        self._buffer.append(record)
        self._buffered += len(record.body)
        if len(self._buffer) >= self._settings.pipeline.batch_items or self._buffered >= BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Publish what is buffered; then how far was read is kept, never before."""
        if self._buffer:
            self._publish()
        if self._places is not None:
            self._places.keep()

    def _publish(self) -> None:
        self._wait_for_room()
        raws, self._buffer, self._buffered = self._buffer, [], 0
        refs = self._spool.put_many([raw.body for raw in raws])
        now = datetime.now(UTC)
        captures = [
            Capture.of(raw, ref, accepted_at=now, priority=self._priority) for raw, ref in zip(raws, refs, strict=True)
        ]
        fresh = [capture for capture, new in zip(captures, self._ledger.accept(captures), strict=True) if new]
        self.tally.messages += send(self._app, "normalize", fresh, priority=self._priority)
        self.tally.accepted += len(fresh)
        self.tally.repeats += len(captures) - len(fresh)
        self._watch(self.tally)

    def _wait_for_room(self) -> None:
        """Return when there is room: the queues below high water, the disk and the server not full."""
        if self._rate:
            ahead = self.tally.read / self._rate - (time.monotonic() - self._began)
            if ahead > 0:
                time.sleep(ahead)
        if time.monotonic() - self._looked < LOOK_EVERY_S:
            return
        limits = self._settings.producer
        mark = limits.high_water
        while True:
            self._looked = time.monotonic()
            size = self._backlog.size()
            self.tally.backlog = size.messages
            waiting = size.messages * self._settings.pipeline.batch_items
            free = self._spool.free_bytes()
            self.tally.paused = ""
            if waiting >= mark:
                self.tally.paused = f"{size.messages} messages wait in the queues"
                mark = limits.low_water  # once stopped, go on only when there is real room
            elif free is not None and free < limits.min_free_mb * 1024 * 1024:
                self.tally.paused = f"the spool's disk has {free // 2**20} MiB left"
            elif size.memory_share is not None and size.memory_share > 0.9:
                self.tally.paused = f"Redis uses {size.memory_share:.0%} of its memory"
            self._watch(self.tally)
            if not self.tally.paused:
                return
            time.sleep(LOOK_EVERY_S)

    def _broken(self, record: BrokenRecord) -> Quarantined:
        return Quarantined(
            quarantine_id=digest_of("broken", record.origin.model_dump(mode="json"), record.reason),
            stage="source",
            reason=record.reason,
            detail=record.detail,
            origin=record.origin,
            item=record.body.decode("utf-8", "backslashreplace"),
            quarantined_at=datetime.now(UTC),
        )
