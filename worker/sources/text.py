"""One plain text, with or without front matter; and any single document that no other source knows.

Front matter is a block of `key: value` lines between two lines of `---` at the very top. It is cut from
the body. A binary file is passed on as what it is, so that it is counted as dropped and does not vanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture
from worker.sources import HEAD_BYTES, media_type_of, read_document, time_of

_FRONT_MATTER = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.{0,8192}?\r?\n)---[ \t]*(?:\r?\n|\Z)", re.S)
_LINE = re.compile(r"([A-Za-z_]\w*)[ \t]*:[ \t]*(.*)")
_TIMES = {"date": "published_at", "published_at": "published_at", "captured_at": "captured_at"}
_WORDS = {
    "url": "url",
    "title": "title",
    "description": "description",
    "source": "source",
    "language": "language",
    "publisher_country": "publisher_country",
    "id": "external_id",
}


class TextSource:
    """One plain text, with or without front matter; and what no other source knows"""

    def recognizes(self, head: bytes, name: str) -> float:
        if _split(head)[0]:
            return 0.6
        if media_type_of(head) != "text/plain":
            return 0.01
        return 0.5 if name.lower().endswith((".txt", ".text", ".md")) else 0.3

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord]:
        told, body = _split(read_document(stream, location))
        seen = media_type_of(body[:HEAD_BYTES])
        media_type = "text/plain" if seen in ("text/plain", "application/json") else seen
        facts = defaults.model_dump() | told | {"media_type": media_type}
        yield RawCapture(**facts, body=body, origin=Origin(location=location, offset=0))


def _split(document: bytes) -> tuple[dict[str, Any], bytes]:
    """The facts of the front matter and the body after it; no facts and the whole when there is none."""
    block = _FRONT_MATTER.match(document)
    if not block:
        return {}, document
    told: dict[str, Any] = {}
    for line in block[1].decode("utf-8", "replace").splitlines():
        pair = _LINE.fullmatch(line.rstrip())
        if not pair:
            if line.strip():
                return {}, document  # not front matter: a text that opens with a rule
            continue
        key, value = pair[1].lower(), pair[2].strip().strip("\"'")
        if value and key in _WORDS:
            told[_WORDS[key]] = value
        elif key in _TIMES and (moment := time_of(value)):
            told[_TIMES[key]] = moment
    return (told, document[block.end() :]) if told else ({}, document)
