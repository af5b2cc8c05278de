"""What is sent: the body of an event, and the headers that prove who sent it.

Source: the Standard Webhooks specification 1.0.0 (signature scheme v1: HMAC-SHA256 over id, time and raw body).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from worker.formats.record import record
from worker.models import SinkItem

PREFIX = "whsec_"
LEAST_BYTES = 16


def keys_of(secrets: str) -> list[bytes]:
    """The signing keys of `whsec_…` secrets, separated by spaces. Raises ValueError, which tells no secret."""
    keys = []
    for secret in secrets.split():
        try:
            keys.append(base64.b64decode(secret.removeprefix(PREFIX), validate=True))
        except binascii.Error as exc:
            raise ValueError("a signing secret is whsec_ and base64") from exc
        if len(keys[-1]) < LEAST_BYTES:
            raise ValueError(f"a signing secret has at least {LEAST_BYTES} bytes, better 32")
    if not keys:
        raise ValueError("the signing secret is empty")
    return keys


def signature(keys: Sequence[bytes], event_id: str, sent_at: int, body: bytes) -> str:
    """The value of `webhook-signature`: one signature for each key; `sent_at` is in Unix seconds."""
    signed = b".".join((event_id.encode(), str(sent_at).encode(), body))
    made = (base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)
    return " ".join(f"v1,{one}" for one in made)


def event(item: SinkItem) -> bytes:
    """The record of a delivery as an event: the same bytes at every try."""
    capture = item.article.article.capture
    at = capture.captured_at or capture.accepted_at
    return _json(
        {
            "type": f"article.{item.delivery.action}",
            "timestamp": None if at is None else at.isoformat(),
            "data": record(item.article, item.delivery),
        }
    )


def message(item: SinkItem) -> bytes:
    """A line for a chat: `{"text": …}`, as Slack, Mattermost and Rocket.Chat take it."""
    article = item.article.article
    url = article.canonical_url or article.url or ""
    if item.delivery.action == "retract":
        return _json({"text": f"Withdrawn: {url}"})
    topics = item.article.topics
    labels = [one.label for one in topics.all if one.code == topics.primary]
    about = " · ".join(filter(None, (item.article.regions.primary, *labels)))
    headline = article.headline or "(without headline)"
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):  # a headline must not call a whole channel
        headline = headline.replace(sign, name)
    return _json({"text": "\n".join(filter(None, (headline, about, url)))})


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
