"""Mail: newsletters (EML, or many in an mbox) and pages saved as MHTML.

Of each message the HTML part is the capture, else the plain one; attachments are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import Any, BinaryIO

from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture
from worker.sources import MAX_BROKEN_BYTES, MAX_DOCUMENT_BYTES, time_of

_FIELD = re.compile(rb"([!-9;-~]{2,60}):[ \t]?[^\n]*\n(?:[ \t][^\n]*\n)*")
_MAIL_FIELDS = {
    b"from",
    b"date",
    b"subject",
    b"to",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"received",
    b"return-path",
    b"delivered-to",
    b"snapshot-content-location",
}
_POSTMARK = re.compile(rb"From [^\n]*\d\d:\d\d[^\n]*\n")  # the line before each message of an mbox
_ADDRESS = re.compile(r"https?://[^\s<>]+")
_TEXTS = ("text/html", "application/xhtml+xml", "text/plain")


class MailSource:
    """Newsletters (EML, mbox) and pages saved as MHTML"""

    def recognizes(self, head: bytes, name: str) -> float:
        postmark = _POSTMARK.match(head)
        at = postmark.end() if postmark else 0
        fields: set[bytes] = set()
        while field := _FIELD.match(head, at):
            fields.add(field[1].lower())
            at = field.end()
        return 0.9 if len(fields & _MAIL_FIELDS) >= 2 else 0.0

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord]:
        known = defaults.model_dump()
        for number, (offset, message) in enumerate(_messages(stream), 1):
            origin = Origin(location=location, record=number, offset=offset)
            if offset < start:
                continue
            if len(message) > MAX_DOCUMENT_BYTES:
                limit = f"the message is larger than {MAX_DOCUMENT_BYTES // 2**20} MiB"
                yield BrokenRecord(origin=origin, reason="too_large", detail=limit, body=message[:MAX_BROKEN_BYTES])
            else:
                yield _capture(message, origin, known)


def _messages(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each message with its offset: one, or those of an mbox. Of an endless one not much more than the cap is kept."""
    lines: list[bytes] = []
    begin = at = size = 0
    after_blank, is_mbox = True, False
    while line := stream.readline(MAX_DOCUMENT_BYTES):
        if after_blank and (is_mbox or at == 0) and _POSTMARK.match(line):
            if is_mbox:
                yield begin, b"".join(lines)
            is_mbox, lines, begin, size = True, [], at, 0
        elif size <= MAX_DOCUMENT_BYTES:
            lines.append(line[1:] if is_mbox and line.startswith(b">From ") else line)
            size += len(line)
        at += len(line)
        after_blank = not line.strip()
    yield begin, b"".join(lines)


def _capture(content: bytes, origin: Origin, known: dict[str, Any]) -> RawCapture | BrokenRecord:
    try:
        message = message_from_bytes(content)
        part = _text_part(message)
        body = part.get_payload(decode=True) if part else None
    except (MessageError, RecursionError, ValueError, LookupError) as exc:
        detail = f"the message cannot be taken apart ({type(exc).__name__})"
        return BrokenRecord(origin=origin, reason="corrupt_record", detail=detail, body=content[:MAX_BROKEN_BYTES])
    if part is None or not isinstance(body, bytes):
        detail = "the message has no part that is HTML or text"
        return BrokenRecord(origin=origin, reason="invalid_record", detail=detail, body=content[:MAX_BROKEN_BYTES])
    saved_from = _address(message.get("Snapshot-Content-Location")) or _address(part.get("Content-Location"))
    date = time_of(_text(message.get("Date")))
    told = {
        "url": saved_from or _address(message.get("Archived-At")),  # RFC 5064
        "title": _text(message.get("Subject")),
        "captured_at" if saved_from else "published_at": date,
        "language": _text(message.get("Content-Language")),
        "external_id": (_text(message.get("Message-ID")) or "").strip("<> ") or None,
        "charset": part.get_content_charset(),
        "media_type": "text/plain" if part.get_content_type() == "text/plain" else "text/html",
    }
    facts = known | {name: value for name, value in told.items() if value is not None}
    return RawCapture(**facts, body=body, origin=origin)


def _text_part(message: Message) -> Message | None:
    """The first HTML part, else the first plain one; a page that is attached to a mail is not its text."""
    parts = [
        part for part in message.walk() if not part.is_multipart() and part.get_content_disposition() != "attachment"
    ]
    return next((part for kind in _TEXTS for part in parts if part.get_content_type() == kind), None)


def _text(header: object) -> str | None:
    """A header in clear; as it stands when it cannot be decoded."""
    if header is None:
        return None
    raw = str(header)
    with suppress(MessageError, LookupError, ValueError):
        raw = str(make_header(decode_header(raw)))
    return " ".join(raw.encode("utf-8", "replace").decode().split()) or None


def _address(header: object) -> str | None:
    found = _ADDRESS.search(_text(header) or "")
    return found[0] if found else None
