"""A location in, captures out. Opened by name (`worker.plugins`); a source never imports another.

Here stands only what they share: the look at the first bytes, the size caps, and how a time is read.
Nothing here opens a file or the network: a source is handed a stream.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, BinaryIO

from worker.errors import BadCapture

HEAD_BYTES = 64 * 1024  # what `recognizes` is shown
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024  # one document or record in memory; the largest of 300 saved pages had 11 MB
MAX_BROKEN_BYTES = 64 * 1024  # of a broken record kept for a person to look at

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"\x04\x22\x4d\x18", "application/x-lz4"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "application/octet-stream"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_PROLOGUE = re.compile(rb"\s+|<!--.*?-->|<\?xml[^>]*>|<!doctype\s+(?!html)[^>\[]*(?:\[.*?\]\s*)?>", re.S | re.I)
_OPENS_XML = re.compile(rb"<(?:rss|feed|rdf:rdf|urlset|sitemapindex|svg|opml|[a-z]+:[a-z]+)[\s>]", re.I)
_OPENS_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|article|main|div|p|h1)\b", re.I)
_OPENS_JSON = re.compile(rb"\{\s*[\"}]|\[\s*[{\]]")
_TAG = re.compile(rb"</?(?:p|div|a|span|h[1-6]|li|ul|br|img|table|td|article|section)\b[^<>]*>", re.I)
_FOURTEEN_DIGITS = re.compile(r"\d{14}", re.ASCII)
_UNIX_TIME = re.compile(r"\d{9,13}(\.\d+)?", re.ASCII)
_CONTROL = bytes(byte for byte in (*range(0x20), 0x7F) if byte not in b"\t\n\v\f\r\x1b")


@lru_cache(maxsize=4)  # every source asks about the same bytes
def media_type_of(head: bytes) -> str:
    """The media type that the first bytes of one document show; `application/octet-stream` when it is not text.

    Told apart: text/html, application/xml (feeds and sitemaps are of it), application/json, text/plain
    (also for nothing at all), and the usual binary kinds by their magic numbers.
    """
    if head.startswith(_UTF16):
        head = head.replace(b"\x00", b"")[2:]
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if b"\x00" in head or (len(head) - len(head.translate(None, _CONTROL))) * 50 > len(head):
        return "application/octet-stream"
    head = head.removeprefix(_BOM)
    begin = 0
    while found := _PROLOGUE.match(head, begin):  # a possessive `*+` of these fails in Python 3.11.2
        begin = found.end()
    start = head[begin:]
    if _OPENS_HTML.match(start):
        return "text/html"
    if head.lstrip().startswith(b"<?xml") or _OPENS_XML.match(start):
        return "application/xml"
    if _OPENS_JSON.match(start):
        return "application/json"
    if len(_TAG.findall(head[:8192])) >= 6:
        return "text/html"
    return "text/plain"


def read_document(stream: BinaryIO, location: str) -> bytes:
    """All bytes of `stream`; raises BadCapture above `MAX_DOCUMENT_BYTES`."""
    body = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(body) > MAX_DOCUMENT_BYTES:
        raise BadCapture(f"{location}: more than {MAX_DOCUMENT_BYTES // 2**20} MiB in one document; split it")
    return body


def time_of(value: object) -> datetime | None:
    """The moment that `value` names, in UTC; None when it names none.

    Read are ISO 8601, RFC 5322 (feeds, mail), the 14 digits of web archives, and Unix seconds or milliseconds.
    A time without zone is taken as UTC, a day as its midnight.

    >>> time_of("20260102030405")
    datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    """
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
        if not isinstance(value, str):
            return None
        return _in_utc(_parsed(value.strip()))
    except (ValueError, OverflowError, OSError, IndexError, TypeError):
        return None


def _parsed(text: str) -> datetime:
    if _FOURTEEN_DIGITS.fullmatch(text):
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if _UNIX_TIME.fullmatch(text):
        number = float(text)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


_TOLD_TIMES = {"date": "published_at", "published_at": "published_at", "captured_at": "captured_at"}
_TOLD_WORDS = {
    "url": "url",
    "title": "title",
    "description": "description",
    "source": "source",
    "language": "language",
    "publisher_country": "publisher_country",
    "id": "external_id",
}


def told_facts(said: Mapping[str, object]) -> dict[str, Any]:
    """The facts of a capture in a person's words (url, title, date, …), as front matter and sidecars bear them."""
    told: dict[str, Any] = {}
    for key, value in said.items():
        if (name := _TOLD_WORDS.get(key.lower())) and isinstance(value, str | int) and str(value).strip():
            told[name] = str(value).strip()
        elif (name := _TOLD_TIMES.get(key.lower())) and (moment := time_of(value)):
            told[name] = moment
    return told
