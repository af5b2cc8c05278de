"""Where each capture stands, and each delivery: durable, and never in the broker's Redis, so that it outlives it.

A capture is accepted → routed → stored, or it ends dropped, duplicate or quarantined. An end stays: only a replay
opens a quarantined capture again. A delivery is waiting → done or rejected. Every call is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from pydantic import AwareDatetime, Field

from worker.models import (
    ArticleId,
    Capture,
    CaptureId,
    CaptureState,
    Delivery,
    DeliveryId,
    DropReason,
    DuplicateKind,
    Message,
    Receipt,
    ReceiptStatus,
)

FORGOTTEN = "forgotten"  # the reason of a capture that was taken back

DeliveryState = Literal["waiting", "done", "rejected"]


class Verdict(Message):
    """What was found out about a capture, short: for tables and `trace`."""

    article_id: ArticleId | None = None
    headline: str | None = None
    language: str | None = None
    primary_region: str | None = None
    primary_topic: str | None = None
    topic_label: str | None = None
    kind: DuplicateKind | None = None
    story_id: str | None = None
    of: CaptureId | None = None  # the capture it copies
    similarity: float | None = None
    evidence: tuple[str, ...] = ()  # for the copy, a sentence each
    routes: tuple[str, ...] = ()
    sinks: tuple[str, ...] = ()


class End(Message):
    """A capture's way ends here."""

    capture_id: CaptureId
    state: Literal["stored", "dropped", "duplicate", "quarantined"]
    reason: DropReason | str | None = None
    detail: str = ""
    verdict: Verdict | None = None


class Routed(Message):
    """A finished article with its deliveries. None at all: it ends as a duplicate when it is a copy, else unrouted."""

    capture_id: CaptureId
    verdict: Verdict
    deliveries: tuple[Delivery, ...] = ()


class Standing(Message):
    """Where one capture stands: a row of a table."""

    capture_id: CaptureId
    state: CaptureState
    reason: str | None = None
    detail: str | None = None
    url: str | None = None
    external_id: str | None = None
    accepted_at: AwareDatetime
    settled_at: AwareDatetime | None = None
    verdict: Verdict = Verdict()


class DeliveryStanding(Message):
    """Where one delivery stands."""

    delivery: Delivery
    state: DeliveryState
    status: ReceiptStatus | None = None
    attempts: int = 0  # tries that a sink answered with `retry`
    waiting_until: AwareDatetime | None = None
    recorded_at: AwareDatetime
    updated_at: AwareDatetime
    detail: str = ""


class Trace(Message):
    """All that is known of one capture."""

    standing: Standing
    capture: Capture | None = None
    deliveries: tuple[DeliveryStanding, ...] = ()


class Holding(Message):
    """An article at one sink, as far as the ledger knows: delivered, or on its way there."""

    delivery: Delivery  # the latest version that the sink has or waits for; never a retraction
    capture: Capture | None = None
    verdict: Verdict = Verdict()


class LedgerCounts(Message):
    """How many stand where. They add up: each accepted capture is in one state."""

    states: dict[CaptureState, int] = Field(default_factory=dict)
    drop_reasons: dict[str, int] = Field(default_factory=dict)
    duplicate_kinds: dict[str, int] = Field(default_factory=dict)
    deliveries: dict[str, dict[DeliveryState, int]] = Field(default_factory=dict)  # by sink
    ignored_redeliveries: int = 0


class Circuit(Message):
    """A sink that failed several times in a row. While it is open its deliveries are parked."""

    sink: str
    failures: int
    open_until: AwareDatetime | None = None


class Ledger(Protocol):
    """All raise TransientError when the database is away or locked too long."""

    def accept(self, captures: Sequence[Capture]) -> list[bool]:
        """True for each capture that is new; False for a repeat, which is counted and must not be published."""
        ...

    def end(self, ends: Sequence[End]) -> None:
        """Record ends. The first end of a capture stays; one that was never accepted is recorded as well."""
        ...

    def route(self, routed: Sequence[Routed]) -> list[Delivery]:
        """Record articles and their deliveries; returns the deliveries that wait, to be published."""
        ...

    def receive(self, receipts: Sequence[Receipt], *, delay_s: float = 0, backoff_max_s: float = 0) -> None:
        """Record what sinks said. All deliveries done: the capture is stored; one rejected: it is quarantined.

        `retry` counts an attempt, and waits for `retry_after_s` when the receipt tells it, else for `delay_s`,
        doubled at each attempt, at most `backoff_max_s`.
        """
        ...

    def done(self, delivery_ids: Sequence[DeliveryId]) -> set[DeliveryId]:
        """Which of these deliveries were made: a message that comes again need not repeat them."""
        ...

    def park(self, delivery_ids: Sequence[DeliveryId], until: datetime) -> None:
        """Let deliveries wait without counting an attempt: their sink's circuit is open."""
        ...

    def unfinished(self, accepted_before: datetime, limit: int) -> list[Capture]:
        """Accepted captures without an end, sent before that time; they count as sent now."""
        ...

    def due_deliveries(self, now: datetime, older_than: datetime, limit: int) -> list[Delivery]:
        """Waiting deliveries to publish again: parked ones whose time has come, others untouched since `older_than`.

        Deliveries to a sink whose circuit is open stay. What is returned counts as published `now`.
        """
        ...

    def reopen(self, capture_ids: Sequence[CaptureId]) -> list[Capture]:
        """Open quarantined captures again, to be published at the first stage; others are left alone."""
        ...

    def retry(self, delivery_ids: Sequence[DeliveryId]) -> list[Delivery]:
        """Let rejected or parked deliveries wait again, due at once, and their captures with them."""
        ...

    def holding(self, ids: Sequence[CaptureId | ArticleId]) -> list[Holding]:
        """Which sinks have these captures or articles, or wait for them: one a sink and article, its latest version.

        What was retracted since, or what its sink refused, is not held.
        """
        ...

    def withdraw(self, retractions: Sequence[Delivery]) -> list[Delivery]:
        """Record retractions; returns those that wait, to be published.

        What waits for the same sink, up to the version retracted, is given up. One that was recorded before is the
        same delivery.
        """
        ...

    def strike(self, sink: str, *, threshold: int, pause_s: float) -> datetime | None:
        """Count a failure of a sink; from the `threshold`-th in a row its circuit is open until the time returned."""
        ...

    def heal(self, sink: str) -> None:
        """Forget a sink's failures: it took a batch."""
        ...

    def circuits(self) -> list[Circuit]:
        """The sinks with failures in a row."""
        ...

    def counts(self) -> LedgerCounts:
        """How many stand where."""
        ...

    def trace(self, named: str) -> Trace | None:
        """The latest capture with this id (or at least 6 characters of its start), article id, URL or external id."""
        ...

    def known_as(self, named: str) -> list[Trace]:
        """All captures with this id, article id, URL or external id, and the other captures of the same articles.

        Ids may be given by at least 6 characters of their start. What was forgotten is found by its name as well.
        """
        ...

    def forget(self, capture_ids: Sequence[CaptureId]) -> int:
        """Keep of these captures only that they were: id, article id, and their names as digests. Returns how many.

        They count as dropped for the reason `forgotten`, so that whatever of them is still on its way ends there. Their
        deliveries stay, which hold no words. Retract first: a retraction's address comes from here.
        """
        ...

    def recent(self, limit: int, states: Iterable[CaptureState] = ()) -> list[Standing]:
        """The last accepted captures, newest first; of all states, or of these."""
        ...

    def deliveries(
        self, limit: int, *, sink: str | None = None, state: DeliveryState | None = None
    ) -> list[DeliveryStanding]:
        """The last recorded deliveries, newest first."""
        ...

    def expire(self, older_than: datetime) -> int:
        """Forget captures that ended before that time, with their deliveries; returns how many."""
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...


def open_ledger(url: str, *, clock: Callable[[], float] | None = None) -> Ledger:
    """The ledger at sqlite:///path, postgresql://… or memory://."""
    from worker.state.database import open_database
    from worker.state.ledger.sql_ledger import SqlLedger

    return SqlLedger(open_database(url), clock=clock)
