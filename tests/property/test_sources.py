"""Whatever the bytes, a parser answers with captures, broken records or BadCapture."""

from __future__ import annotations

import gzip
import io
import tarfile
from contextlib import suppress

import lz4.frame
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, RawCapture, Reference
from worker.plugins import known, open_source

KINDS = known("copydesk.sources")


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("p.html")
        info.size = 6
        archive.addfile(info, io.BytesIO(b"<html>"))
    return out.getvalue()


RECORD = (
    b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: 79\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nRiver\r\n\r\n"
)
PIECES = [
    b"---\nurl: https://a.example/\n",
    b"---\n",
    b"<html>",
    b"<p>River rises</p>",
    b'{"url": "https://a.example/", "text": "River rises"}\n',
    b'{"text":',
    b"\xff\xfe",
    b"\x00",
    b"\r\n",
    b"\n",
    b"\\ud800",
    b"1e999",
    b"From: a@a.example\nSubject: =?utf-8?B?!!?= =?x?Q?=ff?=\nDate: x\nContent-Type: text/html; charset=idna\n\n",
    b"Content-Type: multipart/mixed; boundary*0*=x''%ff\n\n",
    b"From a Fri Jan  2 03:04:05 2026\n",
    b"--x\n",
    b"<!-- Page saved with SingleFile url: x saved date: Fri Jan 99 2026 04:04:05 GMT+9999 -->",
    tar(),
    b"PK\x03\x04",
    b"[\n",
    b"{\n",
    b'<?xml version="1.0" encoding="utf-7"?>',
    b'<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    b"<rss><channel>",
    b"<item>",
    b"<title>&b; &nbsp; & x",
    b"<link>http://[</link>",
    b"</item>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='https://a.example/'/><title/></entry>",
    b"<urlset><url><loc>https://a.example/</loc></url>",
    b'{"version": "https://jsonfeed.org/version/1", "items": [{"url": 1}, {"url": "https://a.example/"}]}',
    RECORD,
    gzip.compress(RECORD),
    gzip.compress(RECORD)[:40],
    zstd.compress(RECORD),
    lz4.frame.compress(RECORD),
    b"WARC/1.0\r\n",
    b"Content-Length: 7\r\n",
    b"https://a.example/ 192.0.2.1 20260102030405 text/html 9\n",
    b"\x5d\x2a\x4d\x18\x03\x00\x00\x00abc\x28\xb5\x2f\xfd",
]
anything = st.one_of(
    st.binary(max_size=400), st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=12).map(b"".join)
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None)
@given(content=anything)
def test_any_bytes_give_captures_or_broken_records(kind: str, content: bytes) -> None:
    items: list[RawCapture | BrokenRecord | Reference] = []

    with suppress(BadCapture):
        items.extend(open_source(kind).read(io.BytesIO(content), location="x", defaults=CaptureFacts()))

    for item in items:
        assert isinstance(item, RawCapture | BrokenRecord | Reference)
        item.model_dump_json(exclude={"body"})  # it can travel


@pytest.mark.parametrize("kind", KINDS)
@given(head=anything, name=st.text(max_size=20))
def test_recognizing_never_fails(kind: str, head: bytes, name: str) -> None:
    sure = open_source(kind).recognizes(head, name)

    assert 0.0 <= sure <= 1.0


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(content=anything, start=st.integers(0, 500))
def test_any_place_to_begin_at_gives_captures_or_broken_records(kind: str, content: bytes, start: int) -> None:
    with suppress(BadCapture):
        for item in open_source(kind).read(io.BytesIO(content), location="x", defaults=CaptureFacts(), start=start):
            assert isinstance(item, RawCapture | BrokenRecord | Reference)
            assert item.origin.offset is None or item.origin.offset >= 0
