"""What both ways (page and text) hand on, and the last steps they share: language, identity, quality."""

from __future__ import annotations

from datetime import UTC
from typing import NamedTuple

from worker.models import Article, Capture, Extractor, LeadImage, Organisation, OriginalPublisher, Quality
from worker.stages.normalize import identity, language
from worker.stages.normalize.explain import Blocks, no_blocks
from worker.stages.normalize.lines import fold
from worker.stages.normalize.metadata.dates import Dated

LOW_CONFIDENCE = 0.5


class Draft(NamedTuple):
    """An article but for its language and identity. Field names are those of Article."""

    text: tuple[str, ...]
    extractor: Extractor
    confidence: float  # of the body
    blocks: Blocks = no_blocks
    flags: tuple[str, ...] = ()
    headline: str | None = None
    alt_headlines: tuple[str, ...] = ()
    description: str | None = None
    authors: tuple[str, ...] = ()
    published: Dated | None = None
    modified: Dated | None = None
    language_declared: str | None = None
    publisher: Organisation | None = None
    original_publisher: OriginalPublisher | None = None
    section: str | None = None
    breadcrumbs: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    byline: str | None = None
    dateline: str | None = None
    source_line: str | None = None
    lead_image: LeadImage | None = None
    canonical_url: str | None = None
    syndication_source: str | None = None
    is_excerpt: bool = False


def finish(capture: Capture, draft: Draft) -> Article:
    """The article: what the producer told wins over what the page says, and names its provenance."""
    published = _told_date(capture) or draft.published
    declared = language.declared_code(draft.language_declared) or language.declared_code(capture.language)
    spoken = language.detect(" ".join(draft.text), declared)
    return Article(
        capture=capture,
        article_id=identity.article_id_of(draft.canonical_url, capture.url, draft.headline, draft.text),
        headline=draft.headline,
        alt_headlines=draft.alt_headlines,
        description=draft.description or (fold(capture.description or "") or None),
        text=draft.text,
        authors=draft.authors,
        published_at=published.at if published else None,
        published_precision=published.precision if published else None,
        published_source=published.source if published else None,
        modified_at=draft.modified.at if draft.modified else None,
        modified_precision=draft.modified.precision if draft.modified else None,
        modified_source=draft.modified.source if draft.modified else None,
        language=spoken.code,
        language_confidence=spoken.confidence,
        language_declared=declared,
        publisher=draft.publisher or _publisher(capture),
        original_publisher=draft.original_publisher,
        section=draft.section,
        breadcrumbs=draft.breadcrumbs,
        keywords=draft.keywords,
        byline=draft.byline,
        dateline=draft.dateline,
        source_line=draft.source_line,
        lead_image=draft.lead_image,
        url=capture.url or draft.canonical_url,
        canonical_url=draft.canonical_url,
        syndication_source=draft.syndication_source,
        is_excerpt=draft.is_excerpt,
        extractor=draft.extractor,
        quality=Quality(score=round(min(max(draft.confidence, 0.0), 1.0), 3), flags=_flags(draft, published)),
    )


def _told_date(capture: Capture) -> Dated | None:
    at = capture.published_at
    return Dated(at.astimezone(UTC), "second", capture.published_source, timezone_known=True) if at else None


def _publisher(capture: Capture) -> Organisation | None:
    domain = identity.registrable_domain(capture.url)
    return Organisation(domain=domain) if domain else None


def _flags(draft: Draft, published: Dated | None) -> tuple[str, ...]:
    flags = list(draft.flags)
    if published and published.source == "htmldate":
        flags.append("date_inferred")
    if published and not published.timezone_known:
        flags.append("timezone_unknown")
    if draft.confidence < LOW_CONFIDENCE:
        flags.append("low_confidence_body")
    if "�" in "".join(draft.text):
        flags.append("replacement_characters")
    return tuple(dict.fromkeys(flags))
