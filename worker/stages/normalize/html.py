"""An HTML page → a draft article, or the reason why there is none."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from worker.models import Capture, Extractor
from worker.rules import NormalizeRules
from worker.stages.normalize import article
from worker.stages.normalize.decode import Decoded
from worker.stages.normalize.draft import Draft
from worker.stages.normalize.explain import BlockVerdict
from worker.stages.normalize.guards import Refusal
from worker.stages.normalize.metadata import Facts, Metadata, collect, read_metadata

UNSEEN = ["script", "style", "noscript", "template", "svg", "head", "iframe", "select", "option", "textarea", "object"]


class Body(NamedTuple):
    paragraphs: tuple[str, ...]
    path: str  # html.blocks, html.trafilatura, html.json_ld
    confidence: float
    version: str
    blocks: tuple[BlockVerdict, ...] = ()


def read_page(capture: Capture, decoded: Decoded, rules: NormalizeRules, now: datetime) -> Draft | Refusal:
    """The article of a page: its metadata, then its body, all from one tree."""
    tree = LexborHTMLParser(decoded.text)
    facts = collect(tree, capture.url)
    meta = read_metadata(facts, now)
    body = _library_body(decoded.text)
    tree.strip_tags(UNSEEN)
    whole = tree.body.text(separator="\n").split("\n") if tree.body is not None else []
    linked = sum(len(link.text()) for link in tree.css("a"))
    refusal = article.refuse(
        capture,
        title=capture.title or meta.headline or "",
        paragraphs=body.paragraphs,
        whole=[line.strip() for line in whole if line.strip()],
        link_share=linked / max(sum(map(len, whole)), 1),
        rules=rules,
    )
    return refusal or _draft(capture, decoded, facts, meta, body)


def _draft(capture: Capture, decoded: Decoded, facts: Facts, meta: Metadata, body: Body) -> Draft:
    flags = ["headline_from_title_tag"] if meta.headline_from_title_tag else []
    flags += ["charset_guessed"] if decoded.guessed else []
    return Draft(
        text=body.paragraphs,
        extractor=Extractor(
            name="copydesk" if body.path == "html.blocks" else "trafilatura", version=body.version, path=body.path
        ),
        confidence=body.confidence,
        blocks=body.blocks,
        flags=tuple(flags),
        headline=capture.title or meta.headline,
        alt_headlines=meta.alt_headlines,
        description=meta.description,
        authors=meta.authors,
        published=meta.published,
        modified=meta.modified,
        language_declared=meta.language,
        publisher=meta.publisher,
        section=meta.section,
        breadcrumbs=meta.breadcrumbs,
        keywords=meta.keywords,
        lead_image=meta.lead_image,
        canonical_url=meta.canonical_url,
        syndication_source=meta.syndication_source,
        is_excerpt=meta.paywalled,
    )


def _library_body(html: str) -> Body:
    from trafilatura import __version__, extract

    text = extract(html, include_comments=False) or ""
    paragraphs = tuple(line for raw in text.split("\n") if (line := raw.strip()))
    return Body(paragraphs, "html.trafilatura", 0.9 if paragraphs else 0.0, __version__)
