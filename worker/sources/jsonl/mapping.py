"""Which key of a record holds what: presets for the tools people have, and the owner's own mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import Field, field_validator

from worker.plugins import Options

Fact = Literal[
    "url",
    "html",
    "text",
    "title",
    "description",
    "captured_at",
    "published_at",
    "source",
    "language",
    "publisher_country",
    "charset",
    "http_status",
    "id",
]
Preset = Literal["auto", "own", "scrapy", "news-please", "fundus", "common-crawl"]
_OF_CRAWLS = frozenset(("warc_date", "warc_headers", "dump", "timestamp"))
Keys = Mapping[Fact, tuple[str, ...]]  # dotted paths; the first that holds something counts

OWN: Keys = {fact: (fact,) for fact in get_args(Fact)}
PRESETS: dict[Preset, Keys] = {
    "own": OWN,
    # items are the owner's own: these are the names most seen
    "scrapy": {
        "url": ("url", "link", "article_url", "response_url", "loc"),
        "html": ("html", "raw_html", "page_html", "body_html", "content_html", "response_body"),
        "text": ("text", "article_text", "plain_text", "content", "body", "article", "maintext"),
        "title": ("title", "headline"),
        "description": ("description", "summary"),
        "captured_at": ("captured_at", "crawled_at", "scraped_at", "crawl_date", "crawl_datetime", "fetched_at"),
        "published_at": (
            "published_at",
            "date_published",
            "publish_date",
            "published",
            "publication_date",
            "pubDate",
            "date",
        ),
        "source": ("source", "site_name", "spider"),
        "language": ("language", "lang"),
        "http_status": ("status", "http_status"),
        "id": ("id", "_id"),
    },
    "news-please": {
        "url": ("url",),
        "text": ("maintext",),
        "title": ("title", "title_page", "title_rss"),
        "description": ("description",),
        "captured_at": ("date_download",),
        "published_at": ("date_publish",),
        "source": ("source_domain",),
        "language": ("language",),
        "id": ("filename",),
    },
    "fundus": {
        "url": ("html.responded_url", "html.requested_url", "url"),
        "html": ("html.content",),
        "text": ("plaintext", "body"),
        "title": ("title",),
        "captured_at": ("html.crawl_date",),
        "published_at": ("publishing_date",),
        "source": ("html.source_info.publisher", "publisher"),
        "language": ("lang",),
    },
    # C4, CC-News, RealNews, FineWeb and what datatrove writes, OSCAR
    "common-crawl": {
        "url": ("url", "metadata.url", "warc_headers.warc-target-uri"),
        "html": ("html", "raw_html"),
        "text": ("text", "content"),
        "title": ("title",),
        "captured_at": ("warc_date", "timestamp", "warc_headers.warc-date", "metadata.date", "crawl_date"),
        "published_at": ("publish_date",),
        "source": ("domain", "metadata.domain"),
        "language": ("language", "metadata.language", "warc_headers.warc-identified-content-language"),
        "id": ("id", "warc_headers.warc-record-id"),
    },
}


class JsonlOptions(Options):
    """How the records of a JSONL source are to be read."""

    preset: Preset = "auto"  # auto: by the keys of each record
    # over the preset: fact = "key" or ["first.key", "else.this"]
    fields: dict[Fact, str | tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("fields")
    @classmethod
    def _no_empty_path(cls, fields: dict[Fact, str | tuple[str, ...]]) -> dict[Fact, str | tuple[str, ...]]:
        if any(not path or not all(path) for path in fields.values()):
            raise ValueError("a path is empty")
        return fields

    def keys_for(self, record: Mapping[str, Any]) -> Keys:
        keys = PRESETS[preset_of(record) if self.preset == "auto" else self.preset]
        if not self.fields:
            return keys
        return {**keys, **{fact: (path,) if isinstance(path, str) else path for fact, path in self.fields.items()}}


def preset_of(record: Mapping[str, Any]) -> Preset:
    """The preset whose tool most likely wrote this record."""
    if "maintext" in record:
        return "news-please"
    if "publishing_date" in record or isinstance(record.get("html"), dict):
        return "fundus"
    if not _OF_CRAWLS.isdisjoint(record):
        return "common-crawl"
    if isinstance(record.get("metadata"), dict) and isinstance(record.get("text"), str):
        return "common-crawl"
    if isinstance(record.get("html"), str) or isinstance(record.get("text"), str):
        return "own"
    return "scrapy"


def value_at(record: Mapping[str, Any], paths: tuple[str, ...]) -> Any:
    """What the first of the dotted `paths` holds that holds anything; None when none does."""
    for path in paths:
        value: Any = record.get(path)
        if value is None and "." in path:
            value = record
            for key in path.split("."):
                value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None
