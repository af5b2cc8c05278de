"""RSS (0.9 to 2.0, also RDF), Atom and JSON Feed, as fetched.

An item that holds its article is a capture; the others are references with their titles and dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture, Reference
from worker.sources import media_type_of, read_document
from worker.sources.feed.entries import item_of
from worker.sources.feed.jsonfeed import json_entries
from worker.sources.feed.rss import xml_entries
from worker.sources.feed.xml import Mended, cut_short

_XML_FEED = re.compile(rb"<(?:rss|feed|(?:rdf:)?RDF)[\s>]")
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org')


class FeedSource:
    """RSS, Atom and JSON Feed: full items are captures, the others references"""

    def recognizes(self, head: bytes, name: str) -> float:
        media_type = media_type_of(head)
        if media_type == "application/xml" and _XML_FEED.search(head[:4096]):
            return 0.9
        if media_type == "application/json" and _JSON_FEED.search(head):
            return 0.95
        return 0.4 if head and name.lower().endswith((".rss", ".atom")) else 0.0

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord | Reference]:
        document = read_document(stream, location)
        known = defaults.model_dump()
        if document.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            entries, complaint = json_entries(document, location), ""
        else:
            mended = Mended(document)
            entries, complaint = xml_entries(mended), mended.complaint
        number = 0
        for number, entry in enumerate(entries, 1):
            origin = Origin(location=location, record=number, offset=0)
            yield item_of(entry, origin, known)
        if complaint:
            yield cut_short(complaint, Origin(location=location, record=number + 1, offset=0))
