"""An article that must go: every sink that holds it is told to take it away.

What a sink gets is a shell of the article, made from what the ledger knows: its ids, address and time, no text and no
headline. So a retraction works after the spool has forgotten the article, and brings no word of it back.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker import __version__
from worker.app import App, send_deliveries
from worker.models import (
    Article,
    ArticleId,
    BodyRef,
    Capture,
    CaptureId,
    CleanArticle,
    Delivery,
    DuplicateVerdict,
    Extractor,
    Origin,
    Provenance,
    RegionVerdict,
    TopicVerdict,
    delivery_id_of,
)
from worker.state.ledger import Holding, Ledger
from worker.state.spool import Spool


def retract(app: App, ledger: Ledger, spool: Spool, ids: Sequence[CaptureId | ArticleId]) -> list[Delivery]:
    """Take captures or articles out of every sink that holds them; returns the retractions that were published.

    An article id means all its versions, a capture id only the version that it brought: a sink that holds a later
    one keeps that. Raises TransientError when ledger, spool or broker is away; what was recorded until then is
    published by `reconcile`.
    """
    return send_deliveries(app, record_retractions(ledger, spool, ids))


def record_retractions(ledger: Ledger, spool: Spool, ids: Sequence[CaptureId | ArticleId]) -> list[Delivery]:
    """The retractions that wait in the ledger from now on, one a sink and article that is held; not yet published.

    What waits for such a sink is given up. The same ids again add nothing: a retraction's id follows from the article
    and its version. Keep the ledger's rows until these deliveries are done.
    """
    held = ledger.holding(ids)
    shells = [shell_of(one) for one in held]
    bodies = spool.put_many([shell.model_dump_json(exclude_defaults=True).encode() for shell in shells])
    retractions = [
        _retraction(one.delivery, shell, body) for one, shell, body in zip(held, shells, bodies, strict=True)
    ]
    return ledger.withdraw(retractions)


def shell_of(held: Holding) -> CleanArticle:
    """What is left of an article that is retracted: enough to find it, nothing that it says."""
    delivery, verdict = held.delivery, held.verdict
    capture = held.capture or Capture(
        capture_id=delivery.capture_id, body=delivery.body, origin=Origin(location="ledger")
    )
    return CleanArticle(
        article=Article(
            capture=capture.model_copy(update={"title": None, "description": None}),
            article_id=delivery.article_id,
            text=(),
            language=verdict.language or "und",
            url=capture.url,
            extractor=Extractor(name="copydesk", version=__version__, path="retraction"),
        ),
        duplicate=DuplicateVerdict(kind=verdict.kind or "new", story_id=verdict.story_id or ""),
        # where stores file it: beside the article that goes
        regions=RegionVerdict(primary=verdict.primary_region, gazetteer_version=""),
        topics=TopicVerdict(primary=verdict.primary_topic, release="", model_version=""),
        version=delivery.version,
        provenance=Provenance(pipeline_version=__version__, config_digest=""),
    )


def _retraction(delivery: Delivery, shell: CleanArticle, body: BodyRef) -> Delivery:
    # not of the shell's digest: another release may make another shell, and this is the same delivery
    identity = f"{delivery.article_id}:{delivery.version}"
    return delivery.model_copy(
        update={
            "delivery_id": delivery_id_of(delivery.sink, "retract", identity),
            "action": "retract",
            "version": shell.version,
            "body": body,
        }
    )
