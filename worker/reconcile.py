"""What fell between two chairs is published again.

The broker pops a message before it notes it as handed out: a kill between the two loses it from every key. A lost
Redis loses more. The ledger knows what was accepted, so it can be sent again; ids follow from what is sent, so
sending twice is harmless.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from worker.app import PRIORITY_STEPS, App, send, send_deliveries
from worker.state.backlog import Backlog
from worker.state.ledger import Ledger

AT_MOST = 5000  # captures or deliveries published again in one go; the next look takes the rest


def reconciled(app: App, ledger: Ledger, *, now: datetime | None = None) -> tuple[int, int]:
    """Captures and deliveries that were published again.

    A capture without an end is lost when nothing that could carry it is older than it: no message in a queue or
    handed out within twice the visibility timeout was sent before it was accepted, less twice the visibility timeout.
    When every queue is empty it is enough that it has been silent for `reconcile.quiet_s`.

    What was handed out longer ago counts for nothing. Such messages are left where Redis was killed at the moment a
    worker gave others back: its lock, `unacked_mutex`, came back with the append-only file and kept all from doing so.
    """
    settings = app.settings
    now = now or datetime.now(UTC)
    backlog = Backlog(settings.broker.url, settings.queues, prefix=settings.broker.key_prefix, steps=PRIORITY_STEPS)
    margin = timedelta(seconds=2 * settings.broker.visibility_timeout_s)
    try:
        size = backlog.size(oldest=True, handed_out_since=(now - margin).timestamp())
    finally:
        backlog.close()
    waiting = size.messages - size.queues.get("housekeeping", 0)
    if waiting <= 1 and size.oldest_sent_at is None:  # at most this very task
        before = now - timedelta(seconds=settings.reconcile.quiet_s)
    else:
        oldest = datetime.fromtimestamp(size.oldest_sent_at, UTC) if size.oldest_sent_at else now
        before = min(now, oldest) - margin
    captures = ledger.unfinished(before, AT_MOST)
    for priority in ("urgent", "normal", "backfill"):
        chosen = [capture for capture in captures if capture.priority == priority]
        send(app, "normalize", chosen, priority=priority, tries=1)
    return len(captures), len(send_deliveries(app, ledger.due_deliveries(now, before, AT_MOST)))
