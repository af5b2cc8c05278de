"""A plain-text capture → a draft article, or the reason why there is none."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from worker.models import Capture, Extractor
from worker.rules import NormalizeRules
from worker.stages.normalize import article
from worker.stages.normalize.decode import Decoded
from worker.stages.normalize.draft import Draft
from worker.stages.normalize.guards import Refusal
from worker.stages.normalize.identity import canonical_of, registrable_domain, same_site
from worker.stages.normalize.metadata.dates import Dated
from worker.stages.normalize.text import JudgedText, write_body


@cache
def _extractor(version: str) -> Extractor:
    return Extractor(name="copydesk", version=version, path="text.lines")


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
    original = body.original_publisher
    is_here = same_site(body.source_url, capture.url)
    is_own = original is not None and original.domain is not None and original.domain == registrable_domain(capture.url)
    return Draft(
        text=body.paragraphs,
        extractor=_extractor(version),
        confidence=body.confidence,
        blocks=body.verdicts,
        flags=("charset_guessed",) if decoded.guessed else (),
        headline=body.headline,
        alt_headlines=body.alt_headlines,
        authors=body.authors,
        published=Dated(*body.published[:2], "text", body.published.timezone_known) if body.published else None,
        modified=Dated(*body.modified[:2], "text", body.modified.timezone_known) if body.modified else None,
        original_publisher=None if is_own else original,
        section=body.section,
        breadcrumbs=body.breadcrumbs,
        byline=body.byline,
        dateline=body.dateline,
        source_line=body.source_line,
        lead_image=body.lead_image,
        canonical_url=canonical_of(body.source_url, capture.url) if is_here else None,
        syndication_source=None if is_here else body.source_url,
        is_excerpt=body.is_excerpt,
    )
