"""JSON Lines, one record a line: our own (`{"url", "html" | "text", "title"?, …}`) and those of other tools.

A line that cannot be read is reported with its number and byte offset; the next one goes on. A JSON
document that is no JSON Lines (one object, or a list, over many lines) is read whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, BinaryIO, ClassVar

from pydantic import ValidationError

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture
from worker.sources import MAX_BROKEN_BYTES, MAX_DOCUMENT_BYTES, media_type_of, time_of
from worker.sources.jsonl.mapping import Fact, JsonlOptions, Keys, value_at

_WORDS: tuple[Fact, ...] = ("url", "title", "description", "source", "language", "publisher_country")
_TIMES: tuple[Fact, ...] = ("captured_at", "published_at")
_SPACE = b"\xef\xbb\xbf \t\r\n"
_NO_BODY = "the record has neither `html` nor `text`, nor a known other name for them: map it in sources.toml"
_NO_RECORD = (b"", b"[", b"]", b",")  # what stands alone on a line of a list with one record a line


class JsonlSource:
    """JSON Lines and JSON: own records, and those of Scrapy, news-please, Fundus and Common Crawl data sets"""

    Options: ClassVar[type[JsonlOptions]] = JsonlOptions

    def __init__(self, options: JsonlOptions | None = None) -> None:
        self._options = options or JsonlOptions()

    def recognizes(self, head: bytes, name: str) -> float:
        if media_type_of(head) == "application/json":
            line, newline, _ = head.lstrip(_SPACE).partition(b"\n")
            return 0.9 if newline and _is_object(line) else 0.7
        return 0.5 if name.lower().endswith((".jsonl", ".ndjson", ".json")) and head else 0.0

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord]:
        known = defaults.model_dump()
        first_number = 1 + _skip(stream, start)
        lines = _lines(stream, start)
        first = list(islice(lines, 2)) if start == 0 else []
        if _is_document([line for _, line in first]):
            yield from self._document(b"".join(line for _, line in first), stream, location, known)
            return
        for number, (offset, line) in enumerate(chain(first, lines), first_number):
            bare = _bare(line)
            if bare not in _NO_RECORD:
                yield self._line(bare, Origin(location=location, record=number, offset=offset), known)

    def _line(self, line: bytes, origin: Origin, known: dict[str, Any]) -> RawCapture | BrokenRecord:
        if len(line) > MAX_DOCUMENT_BYTES:
            return _broken(line, origin, "too_large", f"the line is longer than {MAX_DOCUMENT_BYTES // 2**20} MiB")
        try:
            record = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError as exc:
            return _broken(line, origin, "wrong_encoding", f"not UTF-8 at byte {exc.start} of the line")
        except json.JSONDecodeError as exc:
            return _broken(
                line, origin, "invalid_json", f"{exc.msg.removesuffix(' at')} at character {exc.pos} of the line"
            )
        except (ValueError, RecursionError):
            return _broken(line, origin, "invalid_json", "nested too deeply, or a number too long")
        return self._capture(record, line, origin, known)

    def _document(
        self, begin: bytes, stream: BinaryIO, location: str, known: dict[str, Any]
    ) -> Iterator[RawCapture | BrokenRecord]:
        document = begin + stream.read(MAX_DOCUMENT_BYTES + 1)
        if len(document) > MAX_DOCUMENT_BYTES:
            raise BadCapture(f"{location}: a JSON document of over {MAX_DOCUMENT_BYTES // 2**20} MiB; use JSON Lines")
        try:
            content = json.loads(document.decode("utf-8-sig"))
        except json.JSONDecodeError as exc:
            raise BadCapture(f"{location}: not JSON: {exc.msg} in line {exc.lineno}, character {exc.pos}") from exc
        except (ValueError, RecursionError) as exc:
            raise BadCapture(f"{location}: not JSON: not UTF-8, nested too deeply, or a number too long") from exc
        for number, record in enumerate(content if isinstance(content, list) else [content], 1):
            origin = Origin(location=location, record=number, offset=0)
            yield self._capture(record, b"", origin, known)

    def _capture(self, record: object, line: bytes, origin: Origin, known: dict[str, Any]) -> RawCapture | BrokenRecord:
        if not isinstance(record, dict):
            return _broken(line, origin, "invalid_record", f"expected an object, found {type(record).__name__}")
        keys = self._options.keys_for(record)
        html, text = _said(record, keys, "html"), _said(record, keys, "text")
        body = html if isinstance(html, str) else text
        if not isinstance(body, str):
            wanted = " nor ".join(f"`{path}`" for fact in ("html", "text") for path in keys.get(fact, ())[:2])
            return _broken(
                line, origin, "invalid_record", f"the record has neither {wanted}; name its keys in sources.toml"
            )
        facts = known | {fact: _word(value) for fact in _WORDS if (value := _said(record, keys, fact)) is not None}
        for fact in _TIMES:
            if moment := time_of(_said(record, keys, fact)):
                facts[fact] = moment
        if isinstance(status := _said(record, keys, "http_status"), int) and not isinstance(status, bool):
            facts["http_status"] = status
        if isinstance(external_id := _said(record, keys, "id"), str | int):
            facts["external_id"] = _word(str(external_id))
        facts |= {"media_type": "text/html" if body is html else "text/plain", "charset": "utf-8"}
        try:
            return RawCapture(**facts, body=body.encode("utf-8", "replace"), origin=origin)
        except ValidationError as exc:
            return _broken(line, origin, "invalid_record", _first_complaint(exc))


def _said(record: dict[str, Any], keys: Keys, fact: Fact) -> Any:
    return value_at(record, keys[fact]) if fact in keys else None


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


def _bare(line: bytes) -> bytes:
    """The record on `line`, without what makes a list of the lines."""
    bare = line.strip(_SPACE).rstrip(b",")
    if bare.startswith(b"[{"):
        bare = bare[1:]
    return bare[:-1] if bare.startswith(b"{") and bare.endswith(b"}]") else bare


def _is_document(first_lines: list[bytes]) -> bool:
    """True when a record goes on over lines (`{`, `[{` or `[`, `{` stand alone), or the whole is a list on one line."""
    first, second = (*(line.strip(_SPACE) for line in first_lines), b"", b"")[:2]
    return first in (b"{", b"[{") or (first == b"[" and second == b"{") or (first[:1] == b"[" and not second)


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
