"""The HTTP response inside a record: status, headers, and the body as a browser would have seen it."""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

from worker.sources import MAX_DOCUMENT_BYTES
from worker.sources.warc.compression import zstd
from worker.sources.warc.records import parse_headers

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[^\r\n]{0,256}\r?\n")
_STATUS = re.compile(rb"HTTP/\S+ +(\d{3})\b")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


class Undecodable(Exception):
    """The body cannot be had; the text says why."""


class Response(NamedTuple):
    status: int | None
    headers: dict[str, str]
    body: bytes


def parse_response(block: bytes) -> Response:
    """The response in `block`, its body as it was sent."""
    end = _END_OF_HEADERS.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    status = _STATUS.match(head)
    headers = parse_headers(head)
    return Response(int(status[1]) if status else None, headers, body)


def decoded(response: Response) -> bytes:
    """The body without transfer and content encodings; raises Undecodable.

    A header that names an encoding the body does not have is passed over: many crawlers decode and keep the header.
    """
    body = response.body
    if response.headers.get("transfer-encoding", "").lower().endswith("chunked"):
        body = _unchunked(body)
    for coding in reversed(response.headers.get("content-encoding", "").lower().split(",")):
        body = _decoded(body, coding.strip())
    return body


def _unchunked(body: bytes) -> bytes:
    """`body` without the chunk sizes; unchanged when it has none, since many crawlers take them out."""
    at = 0
    pieces: list[bytes] = []
    while size := _CHUNK_SIZE.match(body, at):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(pieces)
        pieces.append(body[size.end() : size.end() + length])
        at = size.end() + length
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    return b"".join(pieces) if pieces and at >= len(body) else body


def _decoded(body: bytes, coding: str) -> bytes:
    if coding in ("", "identity", "none") or not body:
        return body
    if coding in ("gzip", "x-gzip"):
        return _inflated(body, 31) if body.startswith(b"\x1f\x8b") else body
    if coding == "deflate":
        try:
            return _inflated(body, 15)
        except Undecodable:
            return _inflated(body, -15)
    if coding == "br":
        return _brotli(body)
    if coding == "zstd":
        return _zstd(body)
    raise Undecodable(f"unknown content encoding {coding[:40]!r}")


def _inflated(body: bytes, window: int) -> bytes:
    try:
        out = zlib.decompressobj(window).decompress(body, MAX_DOCUMENT_BYTES + 1)
    except zlib.error as exc:
        raise Undecodable("its compressed body is damaged") from exc
    return _capped(out)


def _brotli(body: bytes) -> bytes:
    try:
        import brotli
    except ImportError as exc:
        raise Undecodable("its body is compressed with Brotli; pip install 'copydesk[warc]'") from exc
    decompressor = brotli.Decompressor()
    try:
        return _capped(decompressor.process(body, output_buffer_limit=MAX_DOCUMENT_BYTES + 1))
    except brotli.error as exc:
        if body.lstrip()[:1] == b"<":
            return body  # the crawler took the encoding out and left the header
        raise Undecodable("its compressed body is damaged") from exc


def _zstd(body: bytes) -> bytes:
    if zstd is None:
        raise Undecodable("its body is compressed with Zstandard; pip install 'copydesk[warc]'")
    try:
        return _capped(zstd.ZstdDecompressor().decompress(body, MAX_DOCUMENT_BYTES + 1))
    except zstd.ZstdError as exc:
        if body.lstrip()[:1] == b"<":
            return body
        raise Undecodable("its compressed body is damaged") from exc


def _capped(out: bytes) -> bytes:
    if len(out) > MAX_DOCUMENT_BYTES:
        raise Undecodable(f"its body unpacks to more than {MAX_DOCUMENT_BYTES // 2**20} MiB")
    return out
