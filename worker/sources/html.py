"""One HTML page, as a browser or a crawler saved it.

Browsers and SingleFile leave a comment that says where the page came from; it is read. The pictures that
SingleFile puts into the page as `data:` addresses are cut, for they are most of its bytes and no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture
from worker.sources import media_type_of, read_document, time_of

_SINGLE_FILE = re.compile(rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)(?:\s+saved date:\s*([^\n\r]{1,80}))?")
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(https?://\S+)\s*-->")
_JS_DATE = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d{4}) (\d\d:\d\d:\d\d) GMT([+-]\d{4})")
_DATA = re.compile(rb"data:[\w.+-]+/[\w.+-]+(?:;[\w=-]+)*;base64,[A-Za-z0-9+/=]{512,}")
_COMMENT_WITHIN = 4096  # bytes


class HtmlSource:
    """One HTML page; also as SingleFile and browsers save it, with the address it came from"""

    def recognizes(self, head: bytes, name: str) -> float:
        media_type = media_type_of(head)
        if media_type == "text/html":
            return 0.8
        named = name.lower().endswith((".html", ".htm", ".xhtml"))
        return 0.5 if named and head and media_type in ("text/plain", "application/xml") else 0.0

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord]:
        body = read_document(stream, location)
        told = _saved_from(body[:_COMMENT_WITHIN])
        if told:
            body = _DATA.sub(b"data:,", body)
        facts = defaults.model_dump() | told | {"media_type": "text/html"}
        yield RawCapture(**facts, body=body, origin=Origin(location=location, offset=0))


def _saved_from(head: bytes) -> dict[str, Any]:
    """URL and time from the comment of SingleFile, or the URL from that of a browser."""
    if found := _SINGLE_FILE.search(head):
        told: dict[str, Any] = {"url": found[1].decode("utf-8", "replace")}
        date = _JS_DATE.match((found[2] or b"").decode("ascii", "replace"))
        if date and (moment := time_of(f"{date[2]} {date[1]} {date[3]} {date[4]} {date[5]}")):
            told["captured_at"] = moment
        return told
    saved = _SAVED_FROM.search(head)
    return {"url": saved[1].decode("utf-8", "replace")} if saved else {}
