"""The bytes of a capture → decoded text that a parser may see, or the reason why none does."""

from __future__ import annotations

from typing import NamedTuple

from worker.models import Capture
from worker.rules import NormalizeRules
from worker.stages.normalize import guards, kinds
from worker.stages.normalize.decode import Decoded, decode
from worker.stages.normalize.guards import Refusal


class Opened(NamedTuple):
    decoded: Decoded
    is_page: bool  # it has markup; else it is plain text


def open_body(capture: Capture, body: bytes, rules: NormalizeRules) -> Opened | Refusal:
    """The text of `body`, behind every guard."""
    if refusal := guards.check_bytes(body, rules) or kinds.refuse_type(capture.media_type):
        return refusal
    decoded = decode(guards.without_data_uris(body), capture.charset)
    if decoded is None:
        return Refusal("undecodable", "no charset makes text of these bytes")
    if refusal := kinds.refuse_feed(decoded.text, capture.media_type):
        return refusal
    is_page = kinds.is_html(decoded.text, capture.media_type)
    refusal = guards.check_markup(decoded.text, rules) if is_page else guards.check_lines(decoded.text, rules)
    return refusal or Opened(decoded, is_page)
