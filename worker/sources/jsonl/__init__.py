"""JSON Lines: one record a line, `{"url", "html" | "text", "title"?, "captured_at"?, "source"?, …}`.

A line that cannot be read is reported with its number and byte offset; the next one goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from pydantic import ValidationError

from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture
from worker.sources import MAX_BROKEN_BYTES, MAX_DOCUMENT_BYTES, media_type_of, time_of

_WORDS = ("url", "title", "source", "language", "publisher_country")


class JsonlSource:
    def recognizes(self, head: bytes, name: str) -> float:
        if media_type_of(head) == "application/json":
            line, newline, _ = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
            return 0.9 if newline and _is_object(line) else 0.7
        return 0.5 if name.lower().endswith((".jsonl", ".ndjson", ".json")) and head else 0.0

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord]:
        known = defaults.model_dump()
        for number, (offset, line) in enumerate(_lines(stream, start), 1 + _skip(stream, start)):
            origin = Origin(location=location, record=number, offset=offset)
            if line.strip(b"\xef\xbb\xbf \t\r\n"):
                yield _capture(line, origin, known)


def _skip(stream: BinaryIO, size: int) -> int:
    """How many lines end in the next `size` bytes, which are read past: so line numbers stay true after a resume."""
    lines = 0
    while size > 0 and (piece := stream.read(min(size, 1 << 20))):
        lines += piece.count(b"\n")
        size -= len(piece)
    return lines


def _lines(stream: BinaryIO, offset: int) -> Iterator[tuple[int, bytes]]:
    """Each line with its byte offset. Of an endless line only one byte more than the cap is kept."""
    while line := stream.readline(MAX_DOCUMENT_BYTES + 1):
        begin, offset = offset, offset + len(line)
        piece = line
        while not piece.endswith(b"\n") and (piece := stream.readline(1 << 20)):
            offset += len(piece)
        yield begin, line


def _capture(line: bytes, origin: Origin, known: dict[str, Any]) -> RawCapture | BrokenRecord:
    if len(line) > MAX_DOCUMENT_BYTES:
        return _broken(line, origin, "too_large", f"the line is longer than {MAX_DOCUMENT_BYTES // 2**20} MiB")
    try:
        record = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as exc:
        return _broken(line, origin, "wrong_encoding", f"not UTF-8 at byte {exc.start} of the line")
    except json.JSONDecodeError as exc:
        return _broken(line, origin, "invalid_json", f"{exc.msg} at character {exc.pos} of the line")
    except (ValueError, RecursionError):
        return _broken(line, origin, "invalid_json", "nested too deeply, or a number too long")
    if not isinstance(record, dict):
        return _broken(line, origin, "invalid_record", f"expected an object, found {type(record).__name__}")
    kind = next((key for key in ("html", "text") if isinstance(record.get(key), str)), None)
    if kind is None:
        return _broken(line, origin, "invalid_record", "the record has neither `html` nor `text`")
    facts = known | {key: _word(record[key]) for key in _WORDS if record.get(key) is not None}
    if captured_at := time_of(record.get("captured_at")):
        facts["captured_at"] = captured_at
    if published_at := time_of(record.get("published_at")):
        facts["published_at"] = published_at
    if (external_id := record.get("id")) is not None:
        facts["external_id"] = _word(str(external_id))
    facts |= {"media_type": "text/html" if kind == "html" else "text/plain", "charset": "utf-8"}
    try:
        return RawCapture(**facts, body=record[kind].encode("utf-8", "replace"), origin=origin)
    except ValidationError as exc:
        return _broken(line, origin, "invalid_record", _first_complaint(exc))


def _word(value: object) -> object:
    """`value`, without the half characters (lone surrogates) that JSON lets through and UTF-8 does not."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _first_complaint(exc: ValidationError) -> str:
    first = exc.errors(include_input=False, include_url=False)[0]
    return f"`{'.'.join(str(part) for part in first['loc'])}`: {first['msg']}"


def _broken(line: bytes, origin: Origin, reason: str, detail: str) -> BrokenRecord:
    return BrokenRecord(origin=origin, reason=reason, detail=detail, body=line[:MAX_BROKEN_BYTES])


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
