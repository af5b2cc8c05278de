"""The fields of the index, as the template that the sink puts up, and the document of a delivery.

`dynamic: false` takes a field it does not know without indexing it: an owner may add fields, and none is ever guessed
from an article.
"""

from __future__ import annotations

from typing import Any

from worker.formats.flat import flat
from worker.models import SinkItem

_WORD = {"type": "keyword", "ignore_above": 8191}  # characters; the index itself refuses a term above 32,766 bytes
_NAME = {"type": "text", "fields": {"raw": _WORD}}
_PROPERTIES: dict[str, Any] = {
    "article_id": _WORD,
    "version": {"type": "long"},
    "delivery_id": _WORD,
    "action": _WORD,
    "retracted": {"type": "boolean"},
    "headline": _NAME,
    "text": {"type": "text"},
    "url": _WORD,
    "published_at": {"type": "date"},
    "captured_at": {"type": "date"},
    "language": _WORD,
    "publisher": _NAME,
    "source": _WORD,
    "region": _WORD,
    "topic": _WORD,
    "regions": _WORD,
    "topics": _WORD,
    "duplicate": _WORD,
    "story_id": _WORD,
    "route": _WORD,
    "record": {"type": "object", "enabled": False},  # kept and given back, not indexed
}


def template(index: str, shards: int, replicas: int) -> dict[str, Any]:
    """The index template: field types first, so that nothing is guessed."""
    return {
        "index_patterns": [index],
        "priority": 200,
        "template": {
            "settings": {"index": {"number_of_shards": shards, "number_of_replicas": replicas}},
            "mappings": {"dynamic": False, "properties": _PROPERTIES},
        },
        "_meta": {"made_by": "copydesk", "fields": 1},
    }


def document(item: SinkItem) -> dict[str, Any]:
    """What is indexed for a delivery: a retraction is a document too, so that an older version cannot come back."""
    return flat(item.article, item.delivery) | {"retracted": item.delivery.action == "retract"}


def external_version(item: SinkItem) -> int:
    """The order of an article's deliveries as one number: a retraction beats its own version, a newer one beats it."""
    return max(0, item.delivery.version) * 2 + (item.delivery.action == "retract")
