"""News sitemaps: the titles and dates of pages, to be joined to captures of the same URL. No captures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture, Reference
from worker.sources import media_type_of, read_document, time_of
from worker.sources.feed.entries import absolute, plain_of
from worker.sources.feed.xml import Mended, cut_short, text_of

_SITEMAP = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]")


class SitemapSource:
    """News sitemaps: titles and dates of pages, as references"""

    def recognizes(self, head: bytes, name: str) -> float:
        return 0.9 if media_type_of(head) == "application/xml" and _SITEMAP.search(head[:4096]) else 0.0

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord | Reference]:
        document = read_document(stream, location)
        root = _SITEMAP.search(document[:4096])
        if root and root[1] == b"sitemapindex":
            raise BadCapture(f"{location}: an index of sitemaps; fetch those it names and give them instead")
        mended = Mended(document)
        number = 0
        for number, element in enumerate(mended.elements("url"), 1):
            origin = Origin(location=location, record=number, offset=0)
            url = absolute(text_of(element, "loc"), "")
            if url is None:
                yield BrokenRecord(origin=origin, reason="invalid_record", detail="the entry has no http address")
                continue
            news = next(element.iterchildren("{*}news"), element)
            publication = next(news.iterchildren("{*}publication"), news)
            yield Reference(
                url=url,
                title=plain_of(text_of(news, "title")),
                published_at=time_of(text_of(news, "publication_date")),
                language=text_of(publication, "language"),
                publisher=plain_of(text_of(publication, "name")),
                origin=origin,
            )
        if mended.complaint:
            yield cut_short(mended.complaint, Origin(location=location, record=number + 1, offset=0))
