"""The record as columns: what a lake or a search index is asked by, and the rest as one nested column."""

from __future__ import annotations

from typing import Any

from worker.formats.record import record
from worker.models import CleanArticle, Delivery


def flat(clean: CleanArticle, delivery: Delivery) -> dict[str, Any]:
    """The columns of a delivery by name; times as ISO 8601 text. `record` is the whole record without the text."""
    whole = record(clean, delivery)
    article, capture, regions, topics = whole["article"], whole["capture"], whole["regions"], whole["topics"]
    publisher = article["publisher"]
    labels = [topic["code"] for topic in topics["all"]]
    labels += [topic["second_level"]["code"] for topic in topics["all"] if topic["second_level"]]
    return {
        "article_id": delivery.article_id,
        "version": delivery.version,
        "delivery_id": delivery.delivery_id,
        "action": delivery.action,
        "headline": article["headline"],
        "text": article.pop("text"),
        "url": article["canonical_url"] or article["url"],
        "published_at": article["published_at"],
        "captured_at": capture["captured_at"],
        "language": article["language"],
        "publisher": publisher and (publisher["name"] or publisher["domain"]),
        "source": capture["source"],
        "region": regions["primary"],
        "topic": topics["primary"],
        "regions": [one["code"] for one in (*regions["about"], *regions["subdivisions"])],
        "topics": labels,
        "duplicate": whole["duplicate"]["kind"],
        "story_id": whole["duplicate"]["story_id"],
        "route": delivery.route,
        "record": whole,
    }
