"""An article taken back everywhere: sinks, spool, story index, quarantine, what feeds told of its page, ledger.

The order is the promise: retractions are durable first, words go next, the ledger's row last. So whatever ends this
half-way, the same call again finds the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.app import App
from worker.errors import CopydeskError
from worker.models import CaptureId, Delivery, Message
from worker.references import page_key
from worker.retraction import retract
from worker.state.ledger import FORGOTTEN, Ledger, Trace
from worker.state.quarantine import Quarantine
from worker.state.spool import Spool
from worker.state.stories import StoryIndex
from worker.state.told import Told

EVERY = 1_000_000


class Forgotten(Message):
    """What was done. All zero when it had been done before."""

    captures: tuple[CaptureId, ...]  # all that are known by the name
    ledger: int  # captures of which the ledger now knows only that they were
    bodies: int  # raw pages and clean articles taken out of the spool
    stories: int  # captures taken out of the story index
    quarantined: int
    references: int  # what feeds told of the page
    retractions: dict[str, int]  # published now, by sink
    waiting: dict[str, int]  # retractions that no sink has confirmed yet, by sink
    on_their_way: int  # captures that were still being worked on


def found(ledger: Ledger, named: str) -> list[Trace]:
    """The captures that are meant. Raises CopydeskError when there is none, or a short name may mean several."""
    traces = ledger.known_as(named)
    if not traces:
        raise CopydeskError(
            f"no capture, article or URL known as {named!r}; the ledger remembers keep.ledger_days: see copydesk trace"
        )
    articles = {one.standing.verdict.article_id for one in traces} - {None}
    exact = any(named in (one.standing.capture_id, one.standing.verdict.article_id, one.standing.url) for one in traces)
    if len(articles) > 1 and not exact:
        raise CopydeskError(f"{named!r} may mean {len(articles)} articles; give the whole id, or the URL")
    return traces


def forget(
    app: App,
    traces: Sequence[Trace],
    *,
    ledger: Ledger,
    spool: Spool,
    stories: StoryIndex,
    quarantine: Quarantine,
    told: Told,
) -> Forgotten:
    """Take captures back everywhere; says what was done. Again does no harm.

    Raises TransientError when a part is away; what was done until then stays done.
    """
    ids = [one.standing.capture_id for one in traces]
    published: dict[str, int] = {}
    for delivery in retract(app, ledger, spool, ids):
        published[delivery.sink] = published.get(delivery.sink, 0) + 1
    bodies = [one.capture.body for one in traces if one.capture is not None]
    bodies += [d.delivery.body for one in traces for d in one.deliveries if d.delivery.action != "retract"]
    removed = spool.remove(list({(ref.digest, ref.at): ref for ref in bodies}.values()))
    out_of_index = sum(stories.forget(capture_id) for capture_id in ids)
    dropped = quarantine.drop(_quarantined(quarantine, ids))
    pages = {page_key(one.standing.url) for one in traces if one.standing.url and one.standing.reason != FORGOTTEN}
    references = told.drop(pages) if pages else 0
    ended = ledger.forget(ids)
    waiting: dict[str, int] = {}
    for capture_id in ids:
        after = ledger.trace(capture_id)
        for one in after.deliveries if after else ():
            if one.delivery.action == "retract" and one.state != "done":
                waiting[one.delivery.sink] = waiting.get(one.delivery.sink, 0) + 1
    return Forgotten(
        captures=tuple(ids),
        ledger=ended,
        bodies=removed,
        stories=out_of_index,
        quarantined=dropped,
        references=references,
        retractions=published,
        waiting=waiting,
        on_their_way=sum(one.standing.state in ("accepted", "routed") for one in traces),
    )


def _quarantined(quarantine: Quarantine, capture_ids: Sequence[CaptureId]) -> list[str]:
    """The ids of what is quarantined of these captures, their deliveries too."""
    items = [item for capture_id in capture_ids for item in quarantine.show(capture_id)]
    for item in quarantine.list(EVERY, stage="deliver"):
        if item.item and Delivery.model_validate_json(item.item).capture_id in capture_ids:
            items.append(item)
    return [item.quarantine_id for item in items]
