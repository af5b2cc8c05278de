"""A delivery as the columns of a table: what stores of rows keep beside the record, to be searched and filtered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from worker.formats.record import text_of, without_text
from worker.models import SinkItem


@dataclass(frozen=True, slots=True)
class Row:
    article_id: str
    version: int
    delivery_id: str
    retracted: bool
    headline: str | None  # of a retraction none, and no text
    text: str  # paragraphs joined by a blank line
    url: str | None
    published_at: datetime | None
    captured_at: datetime | None
    language: str
    publisher: str | None  # its name, else its domain
    domain: str | None
    source: str
    region: str | None
    topic: str | None
    regions: list[str]  # what the story is about: countries, subdivisions and the countries of these
    topics: list[str]  # of the first and the second level
    duplicate: str
    story_id: str
    route: str
    record: str  # JSON without the text


def row_of(item: SinkItem) -> Row:
    """The row of a delivery. U+0000 is left out of headline and text: no database takes it."""
    delivery, clean = item
    article, regions, topics = clean.article, clean.regions, clean.topics
    retracted = delivery.action == "retract"
    publisher = article.publisher
    codes = [one.code for one in (*regions.about, *regions.subdivisions)]
    labels = [topic.code for topic in topics.all]
    labels += [topic.second_level.code for topic in topics.all if topic.second_level is not None]
    return Row(
        article_id=delivery.article_id,
        version=delivery.version,
        delivery_id=delivery.delivery_id,
        retracted=retracted,
        headline=None if retracted or article.headline is None else article.headline.replace("\x00", ""),
        text="" if retracted else text_of(clean).replace("\x00", ""),
        url=article.canonical_url or article.url,
        published_at=article.published_at,
        captured_at=article.capture.captured_at,
        language=article.language,
        publisher=(publisher.name or publisher.domain) if publisher else None,
        domain=publisher.domain if publisher else None,
        source=article.capture.source,
        region=regions.primary,
        topic=topics.primary,
        regions=list(dict.fromkeys([*codes, *(code[:2] for code in codes if "-" in code)])),
        topics=labels,
        duplicate=clean.duplicate.kind,
        story_id=clean.duplicate.story_id,
        route=delivery.route,
        record=without_text(clean, delivery),
    )
