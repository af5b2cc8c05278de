"""What a feed says of one item, and whether that is the article itself or only points to it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from worker.models import BrokenRecord, Origin, RawCapture, Reference

FULL_WORDS = 120  # a judgement: teasers of the feeds seen had 10 to 60 words, articles 200 and more
_TAG = re.compile(r"<[^<>]*>")
_MORE = r"(?:read|continue|lue|les|lire|leer) (?:more|reading|lisää|mer|la suite|más)\W*\Z"
_TEASER_END = re.compile(rf"\[?(?:\.\.\.|…|&#8230;|&hellip;)\]?\s*\Z|{_MORE}", re.I)
_READ_ON = re.compile(rf"\s*{_MORE}", re.I)
_APPEARED = re.compile(r"\s*The post .{1,300}? (?:appeared first on|first appeared on) .{1,200}\Z", re.S)


class Entry(NamedTuple):
    url: str | None
    title: str | None = None
    published_at: datetime | None = None
    language: str | None = None
    publisher: str | None = None
    author: str | None = None
    external_id: str | None = None
    summary: str | None = None  # HTML, beside the content
    content: str = ""  # HTML
    plain: bool = False  # the content is text, not HTML


def item_of(entry: Entry, origin: Origin, known: Mapping[str, Any]) -> RawCapture | Reference | BrokenRecord:
    """A capture when the item holds the article, a reference when it points to it."""
    if is_full(entry.content):
        told = {
            "url": entry.url,
            "title": entry.title,
            "description": summary_of(entry.summary),
            "language": entry.language,
            "external_id": entry.external_id,
            "published_at": entry.published_at,
            "published_source": "feed" if entry.published_at else None,
        }
        facts = {**known, **{name: value for name, value in told.items() if value is not None}}
        facts |= {"media_type": "text/plain" if entry.plain else "text/html", "charset": "utf-8"}
        body = entry.content if entry.plain else _page(entry)
        return RawCapture(**facts, body=body.encode("utf-8", "replace"), origin=origin)
    if not entry.url:
        detail = "the item has neither a link nor an article"
        return BrokenRecord(origin=origin, reason="invalid_record", detail=detail)
    return Reference(
        url=entry.url,
        title=entry.title,
        description=summary_of(entry.summary) or summary_of(entry.content),
        published_at=entry.published_at,
        language=entry.language,
        publisher=entry.publisher,
        origin=origin,
    )


def is_full(content: str) -> bool:
    """True when `content` is an article and no teaser: long enough, and not broken off.

    >>> is_full("<p>Rivers rise. " * 20 + "[…]")
    False
    """
    text = html.unescape(_TAG.sub(" ", content)).strip()
    return len(text.split()) >= FULL_WORDS and not _TEASER_END.search(text[-40:])


def plain_of(text: str | None) -> str | None:
    """`text` without the tags and entities that feeds put into titles; None when nothing is left."""
    return " ".join(html.unescape(_TAG.sub("", text)).split()) or None if text else None


def summary_of(text: str | None) -> str | None:
    """A summary as plain text, without "read more" and "The post … appeared first on …"; None for a whole article.

    >>> summary_of("<p>Rivers rise.</p><p>The post Rivers appeared first on Gazette.</p>")
    'Rivers rise.'
    """
    plain = plain_of(_TAG.sub(" ", text or "")) or ""
    plain = _READ_ON.sub("", _APPEARED.sub("", plain)).strip()
    return plain if plain and len(plain.split()) < FULL_WORDS else None


def absolute(link: str | None, base: str) -> str | None:
    """The http(s) address of `link`, seen from `base`; None when it is not one."""
    try:
        url = urljoin(base, (link or "").strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if link and parts.scheme in ("http", "https") and parts.netloc else None


def _page(entry: Entry) -> str:
    """The item as the smallest page that says what the feed says."""
    head = f"<title>{html.escape(entry.title)}</title>" if entry.title else ""
    head += f'<meta name="author" content="{html.escape(entry.author)}">' if entry.author else ""
    heading = f"<h1>{html.escape(entry.title)}</h1>" if entry.title else ""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head>'
        f"<body><article>{heading}{entry.content}</article></body></html>"
    )
