"""What kind of document the bytes are, by what the capture says and by their look."""

from __future__ import annotations

import re

from worker.stages.normalize.guards import Refusal

FEED = re.compile(
    r"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b",
    re.S | re.I,
)
JSON_FEED = re.compile(r'\s*\{[^{}]{0,400}"version"\s*:\s*"https?:(?:\\?/){2}jsonfeed\.org')
MARKUP = re.compile(r"<(?:!doctype\s+html|html|head|body|div|p|article|meta|title|h1|span|table)\b", re.I)
FEED_TYPE = re.compile(r"\b(?:rss|atom|feed\+json|rdf)\b")
TEXT_TYPE = re.compile(r"text/|html|xml|json|octet-stream|^$")


def refuse_type(media_type: str) -> Refusal | None:
    """Why a document of this media type is never read, or None."""
    if TEXT_TYPE.search(media_type.lower()):
        return None
    return Refusal("unsupported_type", f"media type {media_type[:80]}")


def refuse_feed(text: str, media_type: str) -> Refusal | None:
    """Whether the document is a feed or a sitemap, which a source should have read."""
    if FEED.match(text[:4096]) or JSON_FEED.match(text[:1024]) or FEED_TYPE.search(media_type.lower()):
        return Refusal("feed_document", "a feed or sitemap: read it with the feed source")
    return None


def is_html(text: str, media_type: str) -> bool:
    """Whether `text` is to be read as a page: as the capture says, else by its look."""
    if "html" in media_type or "xml" in media_type:
        return True
    return not media_type.startswith("text/plain") and MARKUP.search(text[:8192]) is not None
