"""The entries of RSS and Atom, read by local names: the namespaces of real feeds are past counting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from worker.sources import time_of
from worker.sources.feed.entries import Entry, absolute, plain_of
from worker.sources.feed.xml import Mended, text_of

_DATES = ("pubDate", "published", "issued", "date", "created", "updated", "modified")  # the first that can be read
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def xml_entries(document: Mended) -> Iterator[Entry]:
    channel: Any = None
    for element in document.elements("item", "entry"):
        if channel is None:
            parent = element.getparent()
            channel = element if parent is None else parent
            about = next(channel.iterchildren("{*}channel"), channel)  # RSS 1.0: beside the items
            base = channel.get(_BASE) or _link(about, "") or ""
            language = text_of(about, "language") or channel.get(_LANG)
            publisher = plain_of(text_of(about, "title"))
        content, plain = _content(element)
        moments = (time_of(text_of(element, name)) for name in _DATES)
        yield Entry(
            url=_link(element, base),
            title=plain_of(text_of(element, "title")),
            published_at=next((moment for moment in moments if moment), None),
            language=element.get(_LANG) or language,
            publisher=plain_of(text_of(element, "source")) or publisher,
            author=_author(element),
            external_id=text_of(element, "guid", "id"),
            summary=_summary(element, content),
            content=content,
            plain=plain,
        )


def _link(element: Any, base: str) -> str | None:
    """Where the item stands: its own link, else a guid that is one."""
    links = [text_of(element, "origLink")]  # feedburner: the address before their redirect
    for child in element.iterchildren("{*}link"):
        if child.get("rel", "alternate") == "alternate":
            links.append(child.get("href") or child.text)
    links += [guid.text for guid in element.iterchildren("{*}guid") if guid.get("isPermaLink", "true") == "true"]
    return next((url for link in links if (url := absolute(link, base))), None)


def _content(element: Any) -> tuple[str, bool]:
    """The fullest text of the item, and whether it is plain text and not HTML."""
    best, plain = "", False
    for name in ("encoded", "content", "description", "summary"):
        for child in element.iterchildren(f"{{*}}{name}"):
            if child.get("type") == "xhtml":
                text = "".join(etree.tostring(part, encoding="unicode", with_tail=True) for part in child)
            else:
                text = "".join(child.itertext())
            if len(text) > len(best):
                best, plain = text, child.get("type") in ("text", "text/plain", "plain")
    return best, plain


def _summary(element: Any, content: str) -> str | None:
    """The short text of an item that holds a longer one too."""
    texts = ("".join(child.itertext()) for child in element.iterchildren("{*}description", "{*}summary"))
    return next((text for text in texts if text.strip() and text != content), None)


def _author(element: Any) -> str | None:
    for child in element.iterchildren("{*}creator", "{*}author"):
        if name := text_of(child, "name") or (child.text or "").strip():
            return name
    return None
