"""One HTML page, as a browser or a crawler saved it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture
from worker.sources import media_type_of, read_document


class HtmlSource:
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
        facts = defaults.model_dump() | {"media_type": "text/html"}
        yield RawCapture(**facts, body=body, origin=Origin(location=location, offset=0))
