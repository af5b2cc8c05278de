"""Our own record: one JSON object for one delivery. The base format of all sinks; `docs/schema/` publishes its schema.

The major number of `schema_version` changes only when a reader would break.
"""

from __future__ import annotations

import json
from typing import Any

from worker.models import Action, CleanArticle, Delivery, DeliveryId

SCHEMA_VERSION = "1.0"
WITHDRAWN: dict[str, Any] = {
    "headline": None,
    "alt_headlines": [],
    "description": None,
    "text": "",
    "lead_image": None,
}  # of a retracted article only the shell is told on


def text_of(clean: CleanArticle) -> str:
    """The body as one text: paragraphs joined by a blank line, as evidence offsets count it."""
    return "\n\n".join(clean.article.text)


def record(clean: CleanArticle, delivery: Delivery | None = None) -> dict[str, Any]:
    """The record of an article: what was captured, what it says, how it was judged, and by what.

    Every key is always there; null means that the world lacks it. The record of a retraction tells no text.
    """
    everything = clean.model_dump(
        mode="json", exclude={"schema_version": True, "article": {"capture": {"body": {"at"}}}}
    )
    article = everything["article"]
    capture = article.pop("capture")
    article["text"] = text_of(clean)
    if delivery is not None and delivery.action == "retract":
        article |= WITHDRAWN
    return {
        "schema_version": SCHEMA_VERSION,
        "article_id": article.pop("article_id"),
        "version": everything["version"],
        "delivery": None if delivery is None else _delivery(delivery.delivery_id, delivery.action, delivery.route),
        "capture": capture,
        "article": article,
        "duplicate": everything["duplicate"],
        "regions": everything["regions"],
        "topics": everything["topics"],
        "provenance": everything["provenance"],
    }


def line(clean: CleanArticle, delivery: Delivery) -> bytes:
    """The record as one line of UTF-8 JSON, with its newline."""
    return json.dumps(record(clean, delivery), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _delivery(delivery_id: DeliveryId, action: Action, route: str) -> dict[str, str]:
    return {"delivery_id": delivery_id, "action": action, "route": route}
