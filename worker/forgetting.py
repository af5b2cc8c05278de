"""An article taken back everywhere: sinks, spool, story index, quarantine, what feeds told of its page, ledger.

The order is the promise: retractions are durable first, words go next, the ledger's row last. So whatever ends this
half-way, the same call again finds the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from worker.app import App, send_deliveries
from worker.errors import CopydeskError
from worker.models import ArticleId, CaptureId, Delivery, Message, delivery_id_of, digest_of
from worker.references import page_key
from worker.retraction import retract, shell_of
from worker.stages.normalize.identity import article_id_of, split_web
from worker.state.ledger import FORGOTTEN, End, Holding, Ledger, Trace, Verdict
from worker.state.quarantine import Quarantine
from worker.state.spool import Spool, ref_to
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
    article_id = article_named(named)
    if not traces and article_id is not None:
        traces = ledger.known_as(article_id)
    if not traces:
        older = "; if it is older than keep.ledger_days, add --everywhere" if article_id else ""
        raise CopydeskError(f"no capture, article or URL known as {named!r}{older}")
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


def article_named(named: str) -> ArticleId | None:
    """The article that a URL (in any of its writings) or a whole article id names; None for anything else."""
    if split_web(named) is not None:
        return article_id_of(None, named, None, ())
    return named if re.fullmatch(r"[0-9a-f]{64}", named) else None


def forget_unknown(app: App, article_id: ArticleId, *, ledger: Ledger, spool: Spool, now: datetime) -> Forgotten:
    """Tell every configured sink to take an article away that the ledger knows no longer, whether it holds it or not.

    The ledger knows it from then on as forgotten. Raises TransientError when a part is away.
    """
    capture_id = digest_of(FORGOTTEN, article_id)
    ledger.end([End(capture_id=capture_id, state="dropped", reason=FORGOTTEN, verdict=Verdict(article_id=article_id))])
    version = int(now.timestamp() * 1000)
    retractions = []
    for spec in app.settings.sinks:
        blank = Delivery(
            delivery_id=delivery_id_of(spec.name, "retract", f"{article_id}:{version}"),
            capture_id=capture_id,
            article_id=article_id,
            sink=spec.name,
            route=FORGOTTEN,
            action="retract",
            version=version,
            body=ref_to(b""),
        )
        shell = shell_of(Holding(delivery=blank)).model_dump_json(exclude_defaults=True).encode()
        retractions.append(blank.model_copy(update={"body": spool.put(shell)}))
    published = {delivery.sink: 1 for delivery in send_deliveries(app, ledger.withdraw(retractions))}
    return Forgotten(
        captures=(capture_id,),
        ledger=1,
        bodies=0,
        stories=0,
        quarantined=0,
        references=0,
        retractions=published,
        waiting=published,
        on_their_way=0,
    )


def _quarantined(quarantine: Quarantine, capture_ids: Sequence[CaptureId]) -> list[str]:
    """The ids of what is quarantined of these captures, their deliveries too."""
    items = [item for capture_id in capture_ids for item in quarantine.show(capture_id)]
    for item in quarantine.list(EVERY, stage="deliver"):
        if item.item and Delivery.model_validate_json(item.item).capture_id in capture_ids:
            items.append(item)
    return [item.quarantine_id for item in items]
