"""A plain-text capture → a draft article, or the reason why there is none."""

from __future__ import annotations

from datetime import datetime

from worker.models import Capture, Extractor
from worker.rules import NormalizeRules
from worker.stages.normalize import article
from worker.stages.normalize.decode import Decoded
from worker.stages.normalize.draft import Draft
from worker.stages.normalize.guards import Refusal
from worker.stages.normalize.metadata.dates import Dated
from worker.stages.normalize.text import JudgedText, write_body


def read_plain(
    capture: Capture, decoded: Decoded, text: JudgedText | None, rules: NormalizeRules, version: str, now: datetime
) -> Draft | Refusal:
    """The article of a flattened page or a copied excerpt; `version` is that of the line model."""
    body = write_body(text, capture.title, now)
    refusal = article.refuse_text(decoded.text, body.paragraphs) or article.refuse(
        capture,
        title=body.headline or "",
        paragraphs=body.paragraphs,
        whole=body.whole,
        rules=rules,
    )
    if refusal:
        return refusal._replace(blocks=body.verdicts)
    return Draft(
        text=body.paragraphs,
        extractor=Extractor(name="copydesk", version=version, path="text.lines"),
        confidence=body.confidence,
        blocks=body.verdicts,
        flags=("charset_guessed",) if decoded.guessed else (),
        headline=body.headline,
        alt_headlines=body.alt_headlines,
        description=body.description,
        authors=body.authors,
        published=Dated(*body.published[:2], "text", body.published.timezone_known) if body.published else None,
        modified=Dated(*body.modified[:2], "text", body.modified.timezone_known) if body.modified else None,
        original_publisher=body.original_publisher,
        section=body.section,
        breadcrumbs=body.breadcrumbs,
        byline=body.byline,
        dateline=body.dateline,
        source_line=body.source_line,
        lead_image=body.lead_image,
        is_excerpt=body.is_excerpt,
    )
