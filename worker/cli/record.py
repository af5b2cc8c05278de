"""The contract of `try --json`: what became of a capture, as one object."""

from __future__ import annotations

from typing import Any

from worker.models import Article
from worker.pipeline import Result
from worker.stages.normalize import Explanation


def record_of(result: Result, explanation: Explanation | None = None) -> dict[str, Any]:
    """The output record of `try --json`. Other tools build on it: fields may be added, never renamed."""
    capture = result.capture
    record: dict[str, Any] = {
        "capture": {
            "capture_id": capture.capture_id if capture else None,
            "url": capture.url if capture else None,
            "source": capture.source if capture else None,
            "media_type": capture.media_type if capture else None,
            "id": capture.external_id if capture else None,
            "origin": result.origin.model_dump(mode="json"),
        },
        "outcome": result.outcome,
        "reason": result.reason or None,
        "detail": result.detail or None,
        "article": None,
        "duplicate": None,
        "regions": None,
        "topics": None,
        "deliveries": [],
    }
    if result.clean is not None:
        clean = result.clean
        article = clean.article.model_dump(mode="json", exclude={"capture"})
        article["text"] = text_of(clean.article)
        record["article"] = article
        record["duplicate"] = clean.duplicate.model_dump(mode="json")
        record["regions"] = clean.regions.model_dump(mode="json")
        record["topics"] = clean.topics.model_dump(mode="json")
        record["deliveries"] = [{"sink": d.sink, "route": d.route} for d in result.deliveries]
        if result.verdict is not None:
            record["routes"] = result.verdict.model_dump(mode="json")
        record["provenance"] = clean.provenance.model_dump(mode="json")
    if explanation is not None:
        record["explanation"] = [block._asdict() for block in explanation.blocks]
    return record


def text_of(article: Article) -> str:
    """The paragraphs of an article joined by a blank line."""
    return "\n\n".join(article.text)
