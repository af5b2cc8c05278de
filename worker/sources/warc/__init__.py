"""Web archives: WARC and ARC as crawlers write them, and WET texts; plain, gzip, Zstandard or LZ4.

Captures are the pages: responses and resources that are HTML or text (or do not say what they are), and
the texts of WET. Images, styles, scripts, requests, metadata and revisits are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture
from worker.sources import HEAD_BYTES, MAX_BROKEN_BYTES, media_type_of, time_of
from worker.sources.warc.compression import Damage, MissingLibrary, peek
from worker.sources.warc.http import Undecodable, decoded, parse_response
from worker.sources.warc.members import Members
from worker.sources.warc.records import Broken, Headers, Record, RecordReader, is_record_start

_PAGES = ("text/html", "application/xhtml+xml", "text/plain")
_UNSAID = ("", "application/octet-stream", "unk", "no-type", "application/unknown", "unknown/unknown", "warc/revisit")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.I)


class WarcSource:
    """Web archives: WARC, ARC and WET; plain, gzip, Zstandard or LZ4"""

    def recognizes(self, head: bytes, name: str) -> float:
        line = peek(head).partition(b"\n")[0]
        if is_record_start(line):
            return 0.95
        lowered = name.lower()
        named = lowered.endswith((".warc", ".arc", ".wet")) or any(
            part in lowered for part in (".warc.", ".arc.", ".wet.")
        )
        return 0.5 if named and head else 0.0

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord]:
        try:
            reader = RecordReader(Members(stream, start), _is_wanted)
        except MissingLibrary as exc:
            raise BadCapture(f"{location}: needs {exc} to be decompressed; pip install 'copydesk[warc]'") from exc
        except Damage as exc:
            raise BadCapture(f"{location}: {exc}") from exc
        known = defaults.model_dump()
        noted = start > 0
        for item in reader:
            origin = Origin(location=location, record=item.number if start == 0 else None, offset=item.offset)
            if isinstance(item, Broken):
                yield BrokenRecord(origin=origin, reason=item.reason, detail=item.detail, body=item.body)
            elif capture := _capture(item, origin, known):
                yield capture
            if reader.lone_member and not noted:
                noted = True
                yield _note(location)


def _is_wanted(headers: Headers) -> bool:
    """True for the records that may hold a page, as far as the header tells."""
    kind = headers.get("warc-type", "").lower()
    if kind == "conversion":
        return True
    payload = _media_type(headers.get("warc-identified-payload-type", ""))
    if kind not in ("response", "resource") or not (payload in _PAGES or payload in _UNSAID):
        return False
    media_type = _media_type(headers.get("content-type", ""))
    return media_type in ("application/http", *_PAGES, *_UNSAID)


def _capture(record: Record, origin: Origin, known: dict[str, Any]) -> RawCapture | BrokenRecord | None:
    """The page in a record, None when it holds another thing."""
    headers, body, status = record.headers, record.block, None
    declared = headers.get("content-type", "")
    if headers.get("warc-type", "").lower() == "response" and body.startswith(b"HTTP/"):
        response = parse_response(body)
        declared, status = response.headers.get("content-type", ""), response.status
        if _media_type(declared) not in (*_PAGES, *_UNSAID):
            return None
        try:
            body = decoded(response)
        except Undecodable as exc:
            return BrokenRecord(origin=origin, reason="undecodable_body", detail=str(exc), body=body[:MAX_BROKEN_BYTES])
    media_type = _media_type(declared)
    if media_type in _UNSAID:
        media_type = media_type_of(body[:HEAD_BYTES])
    if media_type not in _PAGES:
        return None
    charset = _CHARSET.search(declared)
    told = {
        "url": headers.get("warc-target-uri", "").strip("<> ") or None,
        "captured_at": time_of(headers.get("warc-date")),
        "charset": charset[1] if charset else None,
        "http_status": status,
        "language": headers.get("warc-identified-content-language", "").partition(",")[0].strip() or None,
        "external_id": headers.get("warc-record-id", "").strip("<> ").removeprefix("urn:uuid:") or None,
    }
    if headers.get("warc-type", "").lower() == "conversion":
        told["charset"] = "utf-8"
    facts = known | {name: value for name, value in told.items() if value is not None}
    facts["media_type"] = "text/plain" if media_type == "text/plain" else "text/html"
    return RawCapture(**facts, body=body, origin=origin)


def _media_type(declared: str) -> str:
    return declared.partition(";")[0].strip().lower()


def _note(location: str) -> BrokenRecord:
    return BrokenRecord(
        origin=Origin(location=location, offset=0),
        reason="one_member",
        detail="the whole file is compressed as one member: a resume has to read it from the start again",
        lost=False,
    )
