"""Records as a feed that a feed reader shows: JSON Feed 1.1 (https://jsonfeed.org/version/1.1) and Atom (RFC 4287).

Both are made piece by piece, so that a feed of any length takes the memory of one article.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from worker.formats.times import EPOCH, date_time, updated_at

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def json_feed(records: Iterable[dict[str, Any]], title: str) -> Iterator[str]:
    """The pieces of a JSON Feed of `records`, in their order."""
    head = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": title}, ensure_ascii=False)
    yield head[:-1] + ', "items": ['
    separator = "\n"
    for record in records:
        yield separator + json.dumps(_item(record), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def atom(records: Iterable[dict[str, Any]], title: str) -> Iterator[str]:
    """The pieces of an Atom feed of `records`, in their order. Its `updated` is that of its newest entry."""
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>{_xml(title)}</title>\n<id>urn:copydesk:feed:{_slug(title)}</id>\n"
        "<author><name>copydesk</name></author>\n<generator>copydesk</generator>\n"
    )
    newest = EPOCH
    for record in records:
        newest = max(newest, updated_at(record))
        yield _entry(record)
    yield f"<updated>{newest}</updated>\n</feed>\n"


def _item(record: dict[str, Any]) -> dict[str, Any]:
    article = record["article"]
    image = article["lead_image"]
    told = {
        "id": _id(record),
        "url": article["canonical_url"] or article["url"],
        "external_url": article["syndication_source"],
        "title": article["headline"],
        "content_text": article["text"],
        "summary": article["description"],
        "image": image and image["url"],
        "date_published": date_time(article["published_at"], None),
        "date_modified": article["modified_at"],
        "authors": [{"name": name} for name in _authors(article)],
        "tags": _tags(record),
        "language": None if article["language"] == "und" else article["language"],
    }
    return {name: value for name, value in told.items() if value or name == "content_text"}


def _entry(record: dict[str, Any]) -> str:
    article = record["article"]
    url = article["canonical_url"] or article["url"]
    language = "" if article["language"] == "und" else f" xml:lang={_attribute(article['language'])}"
    body = "".join(f"<p>{_xml(paragraph)}</p>" for paragraph in article["text"].split("\n\n") if paragraph)
    parts = [
        f"<id>{_id(record)}</id>",
        f"<title>{_xml(article['headline'] or '(no headline)')}</title>",
        f"<updated>{updated_at(record)}</updated>",
        f"<published>{article['published_at']}</published>" if article["published_at"] else "",
        f'<link rel="alternate" href={_attribute(url)}/>' if url else "",
        *(f"<author><name>{_xml(name)}</name></author>" for name in _authors(article)),
        *(f"<category term={_attribute(tag)}/>" for tag in _tags(record)),
        f"<summary>{_xml(article['description'])}</summary>" if article["description"] else "",
        f'<content type="html">{escape(body)}</content>',
    ]
    return f"<entry{language}>" + "".join(parts) + "</entry>\n"


def _id(record: dict[str, Any]) -> str:
    return f"urn:copydesk:article:{record['article_id']}"


def _authors(article: dict[str, Any]) -> list[str]:
    publisher = article["publisher"] or {}
    named = publisher.get("name") or publisher.get("domain")
    return list(article["authors"]) or ([named] if named else [])


def _tags(record: dict[str, Any]) -> list[str]:
    """Topics by their labels, regions by their codes."""
    topics = [one["label"] or one["code"] for topic in record["topics"]["all"] for one in _levels(topic)]
    return list(dict.fromkeys([*topics, *(region["code"] for region in record["regions"]["about"])]))


def _levels(topic: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in (topic, topic["second_level"]) if one is not None]


def _xml(text: str) -> str:
    return escape(_NO_XML.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("", text))


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "articles"
