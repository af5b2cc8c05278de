"""An HTML page → a draft article, or the reason why there is none."""

from __future__ import annotations

from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from worker.models import Capture, Extractor, LeadImage
from worker.rules import NormalizeRules
from worker.stages.normalize import article
from worker.stages.normalize.blocks import BodyModel
from worker.stages.normalize.body import Body, read_body
from worker.stages.normalize.decode import Decoded
from worker.stages.normalize.draft import Draft
from worker.stages.normalize.guards import Refusal
from worker.stages.normalize.identity import canonical_of
from worker.stages.normalize.metadata import Metadata, collect, infer_date, read_metadata, with_printed
from worker.stages.normalize.metadata.facts import strings
from worker.stages.normalize.provenance import read_provenance
from worker.stages.normalize.roles import Known


def read_page(
    capture: Capture, decoded: Decoded, rules: NormalizeRules, model: BodyModel, now: datetime
) -> Draft | Refusal:
    """The article of a page: its metadata, then its body, all from one tree."""
    tree = LexborHTMLParser(decoded.text)
    facts = collect(tree, capture.url)
    if facts.url is None:  # a page without address may say its own
        facts = facts._replace(url=canonical_of(facts.links.get("canonical") or facts.first("og:url"), None))
    meta = read_metadata(facts, now)
    headlines = (capture.title, meta.headline, *meta.alt_headlines)
    known = Known(
        headlines=tuple(headline for headline in headlines if headline),
        description=meta.description,
        article_body=next(strings(facts.article.get("articleBody")), None),
    )
    body = read_body(tree, decoded.text, known, model)
    refusal = article.refuse(
        capture,
        title="\n".join(title for title in (capture.title, meta.headline, facts.title) if title),
        paragraphs=body.paragraphs,
        whole=body.whole,
        link_share=body.link_share,
        rules=rules,
    )
    if refusal:
        return refusal._replace(blocks=body.blocks)
    meta = with_printed(meta, facts, body, now)
    if rules.infer_dates and meta.published is None:
        meta = meta._replace(published=infer_date(decoded.text, now))
    return _draft(capture, decoded, meta, body)


def _draft(capture: Capture, decoded: Decoded, meta: Metadata, body: Body) -> Draft:
    flags = ["headline_from_title_tag"] if meta.headline_from_title_tag else []
    flags += ["charset_guessed"] if decoded.guessed else []
    source = read_provenance(
        body.paragraphs,
        authors=meta.authors,
        credit=body.caption.credit if body.caption else None,
        source_url=meta.syndication_source,
        domain=meta.publisher.domain if meta.publisher else None,
    )
    return Draft(
        text=source.text,
        extractor=Extractor(
            name="copydesk" if body.path == "html.blocks" else "trafilatura", version=body.version, path=body.path
        ),
        confidence=body.confidence,
        blocks=lambda: tuple(
            verdict._replace(kept=False, why="rule", role="source_line")
            if verdict.kept and verdict.text == source.source_line
            else verdict
            for verdict in body.blocks()
        ),
        flags=tuple(flags),
        headline=capture.title or meta.headline,
        alt_headlines=meta.alt_headlines,
        description=meta.description or body.standfirst,
        authors=meta.authors,
        published=meta.published,
        modified=meta.modified,
        language_declared=meta.language,
        publisher=meta.publisher,
        section=meta.section,
        breadcrumbs=meta.breadcrumbs,
        keywords=meta.keywords,
        byline=body.byline,
        dateline=source.dateline,
        source_line=source.source_line,
        original_publisher=source.original_publisher,
        lead_image=_lead_image(meta.lead_image, body),
        canonical_url=meta.canonical_url,
        syndication_source=meta.syndication_source,
        is_excerpt=meta.paywalled,
    )


def _lead_image(told: LeadImage | None, body: Body) -> LeadImage | None:
    """The picture that the page names, with the caption and credit that are printed with it."""
    if body.caption is None:
        return told
    url = told.url if told else None
    return LeadImage(url=url, caption=body.caption.caption or None, credit=body.caption.credit or None)
