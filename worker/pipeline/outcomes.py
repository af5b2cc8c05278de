"""What becomes of an article: whom its claim belongs to, where it goes, what the ledger notes."""

from __future__ import annotations

from collections.abc import Sequence

from worker.models import (
    Action,
    Article,
    BodyRef,
    Capture,
    CleanArticle,
    Delivery,
    Digest,
    DuplicateVerdict,
    JudgedArticle,
    RouteVerdict,
    delivery_id_of,
)
from worker.state.ledger import Verdict
from worker.state.stories import Settled

FINAL_COPIES = frozenset({"recapture", "exact_copy"})  # not classified, not delivered
COPIES = FINAL_COPIES | {"near_copy", "excerpt"}


def version_of(capture: Capture) -> int:
    """What orders the revisions of an article: its capture time in ms, else the time it was accepted, else 0."""
    at = capture.captured_at or capture.accepted_at
    return int(at.timestamp() * 1000) if at else 0


def settled(item: JudgedArticle | CleanArticle) -> Settled:
    """What names the claim of an article in the story index."""
    return Settled(item.article.capture.capture_id, item.duplicate.story_id, item.duplicate.fence)


def wanted(verdict: RouteVerdict) -> bool:
    """Whether any sink is to have the article."""
    return any(match.sinks for match in verdict.matched)


def deliveries_of(
    clean: CleanArticle, digest: Digest, verdict: RouteVerdict, body: BodyRef, earlier: Sequence[Delivery] = ()
) -> tuple[Delivery, ...]:
    """One delivery for each sink that a matched route names; `digest` is that of the content.

    Of an article that stands for its story from now on, each sink is told by the action; so is each that has the
    `earlier` one, by the route that brought it there.
    """
    action: Action = "canonical_changed" if clean.duplicate.kind == "supersedes" else "upsert"
    made: dict[str, Delivery] = {}
    ways = [(sink, match.route) for match in verdict.matched for sink in match.sinks]
    for sink, route in [*ways, *((one.sink, one.route) for one in earlier)]:
        if sink not in made:
            made[sink] = Delivery(
                delivery_id=delivery_id_of(sink, action, digest),
                capture_id=clean.article.capture.capture_id,
                article_id=clean.article.article_id,
                sink=sink,
                route=route,
                action=action,
                version=clean.version,
                body=body,
            )
    return tuple(made.values())


def summary_of(
    article: Article,
    duplicate: DuplicateVerdict,
    clean: CleanArticle | None = None,
    verdict: RouteVerdict | None = None,
) -> Verdict:
    """What the ledger notes of an article, for `trace` and tables."""
    return Verdict(
        headline=article.headline,
        language=article.language,
        article_id=article.article_id,
        kind=duplicate.kind,
        story_id=duplicate.story_id,
        of=duplicate.of,
        similarity=duplicate.similarity,
        evidence=duplicate.evidence,
        primary_region=clean.regions.primary if clean else None,
        primary_topic=clean.topics.primary if clean else None,
        topic_label=clean.topics.all[0].label if clean and clean.topics.all else None,
        routes=tuple(match.route for match in verdict.matched) if verdict else (),
        sinks=tuple(sink for match in verdict.matched for sink in match.sinks) if verdict else (),
    )
