"""One small location of each kind of source, made here."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

import lz4.frame
import pytest
from backports import zstd
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PARAGRAPH = "The river rose by two metres on Monday and the old bridge was closed to lorries. "
PAGE = f"<!DOCTYPE html><html><head><title>River</title></head><body><p>{PARAGRAPH * 5}</p></body></html>"


@dataclass(frozen=True)
class Sample:
    kind: str
    name: str
    content: bytes
    captures: int
    references: int = 0


def _records() -> list[dict[str, object]]:
    return [
        {"url": f"https://example.org/{n}", "text": PARAGRAPH * 3, "captured_at": "2026-01-02T03:04:05Z", "id": n}
        for n in range(5)
    ]


def _warc(pages: int = 4) -> list[bytes]:
    """The records of a WARC: warcinfo, then a request, a page and an image for each."""
    records: list[bytes] = []

    def add(kind: str, url: str, payload: bytes, media_type: str, first_line: str) -> None:
        out = io.BytesIO()
        writer = WARCWriter(out, gzip=False)
        headers = StatusAndHeaders(first_line, [("Content-Type", media_type)], protocol="HTTP/1.1")
        http = headers if kind in ("request", "response") else None
        record = writer.create_warc_record(
            url, kind, payload=io.BytesIO(payload), http_headers=http, warc_content_type=None if http else media_type
        )
        writer.write_record(record)
        records.append(out.getvalue())

    add("warcinfo", "", b"software: a test\r\n", "application/warc-fields", "")
    for n in range(pages):
        add("request", f"https://example.org/{n}", b"", "", f"GET /{n}")
        add("response", f"https://example.org/{n}", PAGE.encode(), "text/html; charset=utf-8", "200 OK")
        add("response", f"https://example.org/{n}.png", b"\x89PNG\r\n\x1a\n", "image/png", "200 OK")
    return records


def _wet() -> bytes:
    text = (PARAGRAPH * 3).encode()
    head = (
        "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://example.org/{}\r\nContent-Type: text/plain\r\n"
    )
    one = (head + f"Content-Length: {len(text)}\r\n\r\n").encode() + text + b"\r\n\r\n"
    return b"".join(one.replace(b"{}", b"%d" % n) for n in range(3))


def _arc() -> bytes:
    response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.encode()
    about = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    head = b"filedesc://a.arc 0.0.0.0 20260102030405 text/plain %d\n" % len(about)
    pages = [
        b"https://example.org/%d 192.0.2.1 20260102030405 text/html %d\n" % (n, len(response)) + response + b"\n"
        for n in range(3)
    ]
    return head + about + b"\n" + b"".join(pages)


def _joined(compress: Callable[[bytes], bytes]) -> bytes:
    return b"".join(compress(record) for record in _warc())


def _tar(mode: Literal["w", "w:gz"]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:
        for name, content in _FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


_JSONL = "".join(json.dumps(record) + "\n" for record in _records()).encode()
_FILES = {"pages/a.html": PAGE.encode(), "items.jsonl": _JSONL, "pages/b.html": PAGE.encode()}


def _mail() -> bytes:
    letter = EmailMessage()
    letter["From"], letter["Subject"], letter["Date"] = "a@example.org", "River", "Fri, 02 Jan 2026 03:04:05 +0000"
    letter.set_content(PARAGRAPH)
    letter.add_alternative(PAGE, subtype="html")
    letter.set_boundary("edge")
    return letter.as_bytes()


def _rss() -> bytes:
    items = "".join(
        f"<item><title>River {n}</title><link>https://example.org/{n}</link><description><![CDATA[{text}]]></description>"
        "</item>"
        for n, text in enumerate([PARAGRAPH * 9, "Short.", PARAGRAPH * 9])
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>{items}</channel></rss>'.encode()


def _json_feed() -> bytes:
    items = [{"id": str(n), "url": f"https://example.org/{n}", "content_html": PARAGRAPH * 9} for n in range(2)]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Desk", "items": items}).encode()


def _sitemap() -> bytes:
    urls = "".join(f"<url><loc>https://example.org/{n}</loc></url>" for n in range(3))
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


SAMPLES = [
    Sample("html", "page.html", PAGE.encode(), 1),
    Sample("text", "story.txt", f"---\nurl: https://example.org/a\n---\nRiver rises\n\n{PARAGRAPH * 3}\n".encode(), 1),
    Sample("jsonl", "items.jsonl", _JSONL, 5),
    Sample("warc", "pages.warc", b"".join(_warc()), 4),
    Sample("warc", "pages.warc.gz", _joined(gzip.compress), 4),
    Sample("warc", "pages.warc.zst", _joined(zstd.compress), 4),
    Sample("warc", "pages.warc.lz4", _joined(lz4.frame.compress), 4),
    Sample("warc", "pages.arc", _arc(), 3),
    Sample("warc", "pages.wet", _wet(), 3),
    Sample("feed", "news.rss", _rss(), 2, references=1),
    Sample("feed", "feed.json", _json_feed(), 2),
    Sample("archive", "pages.tar", _tar("w"), 7),
    Sample("archive", "pages.tar.gz", _tar("w:gz"), 7),
    Sample("archive", "pages.zip", _zip(_FILES), 7),
    Sample("archive", "items.jsonl.gz", gzip.compress(_JSONL), 5),
    Sample("archive", "items.jsonl.xz", lzma.compress(_JSONL), 5),
    Sample("wacz", "pages.wacz", _zip({"archive/data.warc.gz": _joined(gzip.compress), "datapackage.json": b"{}"}), 4),
    Sample("mail", "letter.eml", _mail(), 1),
    Sample(
        "mail", "letters.mbox", b"".join(b"From x Fri Jan  2 03:04:05 2026\n" + _mail() + b"\n" for _ in range(3)), 3
    ),
    Sample("sitemap", "news.xml", _sitemap(), 0, references=3),
]


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample.name)
def sample(request: pytest.FixtureRequest) -> Sample:
    chosen = request.param
    assert isinstance(chosen, Sample)
    return chosen


@pytest.fixture(scope="session")
def samples() -> list[Sample]:
    return SAMPLES
