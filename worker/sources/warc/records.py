"""The records of a WARC or ARC stream, one by one, and what is wrong with those that are broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from worker.sources import MAX_BROKEN_BYTES, MAX_DOCUMENT_BYTES
from worker.sources.warc.compression import Damage
from worker.sources.warc.members import Members

_WARC = re.compile(rb"WARC/\d\.\d+\s*\Z")
_FOLD = re.compile(r"\r?\n[ \t]+(?=\S)")
Headers = Mapping[str, str]  # names in lower case; the fields of an ARC under their WARC names


class Record(NamedTuple):
    """One record that was wanted; `block` is what stands between its header and the next record."""

    offset: int
    number: int
    headers: Headers
    block: bytes


class Broken(NamedTuple):
    """One record, or stretch of bytes, that could not be read."""

    offset: int
    number: int
    reason: str
    detail: str
    body: bytes = b""


def is_record_start(line: bytes) -> bool:
    return _WARC.match(line) is not None or _arc_fields(line) is not None


def _arc_fields(line: bytes) -> list[bytes] | None:
    """URL, IP address, date, media type and length, if `line` opens an ARC record (version 1: 5 fields, 2: 10)."""
    for others in (0, 5):
        fields = line.rstrip().rsplit(b" ", 4 + others)
        if len(fields) == 5 + others and len(fields[2]) == 14 and fields[2].isdigit() and b":" in fields[0]:
            return [*fields[:4], fields[-1]] if fields[-1].isdigit() else None
    return None


class RecordReader:
    """Iterates over the wanted records and all broken ones; unwanted blocks are passed over.

    `offset` of an item is a raw offset where a reading can begin again at this record. In a compressed
    file that is the last member that began with a record, so several items may share it.
    """

    def __init__(self, members: Members, wanted: Callable[[Headers], bool]) -> None:
        self._members = members
        self._wanted = wanted
        self._number = 0  # of the record that begins with `_line`
        self._line = b""  # its first line, already read; empty at the end
        self._offset = members.position
        self._inside = False  # it begins inside a member
        self._parted = False  # a blank line stands before it
        self._damage: Damage | None = None  # it could not even be begun, or not be ended
        self.lone_member = False  # a record began inside a member: the offsets are of little use

    def __iter__(self) -> Iterator[Record | Broken]:
        self._look()
        while self._line or self._damage:
            if self._damage is not None:
                damage = self._damage
                reason = "truncated_input" if damage.truncated else "corrupt_member"
                yield Broken(self._offset, self._number, reason, str(damage), self._line)
                if damage.truncated or not self._members.resynchronize():
                    return
                self._look()
            elif (item := self._record()) is not None:
                yield item

    def _look(self) -> None:
        """Read up to and with the first line of the next record."""
        self._line, self._damage = b"", None
        self._number += 1
        self._parted = False
        self._inside = self._members.magic is not None
        try:
            while True:
                if not self._inside or self._members.at_member_start():
                    self._inside, self._offset = False, self._members.position
                line = self._members.readline()
                if line.strip() or not line:
                    self._line = line
                    return
                self._parted = True
        except Damage as exc:
            self._offset = self._members.position
            self._damage = exc

    def _record(self) -> Record | Broken | None:
        offset, number, line = self._offset, self._number, self._line
        if not is_record_start(line):
            passed = self._find_start()
            return Broken(offset, number, "corrupt_record", f"no record in {passed} bytes, passed over", line)
        self.lone_member = self.lone_member or self._inside
        try:
            headers = self._headers(line)
            begin = self._members.position
            length = _length(headers)
            keep = self._wanted(headers)
            block = b""
            if keep and length <= MAX_DOCUMENT_BYTES:
                block = self._members.read(length)
                got = len(block)
            else:
                got = self._members.skip(length)
        except Damage as exc:
            self._damage = exc
            return None
        self._look()
        if got < length or not (self._parted or not self._line or is_record_start(self._line)):
            return self._wrong_length(Record(offset, number, headers, block), begin, length)
        if not keep:
            return None
        if length > MAX_DOCUMENT_BYTES:
            limit = f"{length} bytes are more than {MAX_DOCUMENT_BYTES // 2**20} MiB"
            return Broken(offset, number, "too_large", limit, line)
        return Record(offset, number, headers, block)

    def _wrong_length(self, record: Record, begin: int, length: int) -> Broken:
        """What to say of a record that does not end where its header says; goes on to the next that begins."""
        if not (self._line and is_record_start(self._line)) and self._members.rewind(begin):
            self._look()
        self._find_start()
        self._number = record.number + 1
        body = record.block[:MAX_BROKEN_BYTES]
        if self._line or self._damage:
            detail = f"Content-Length says {length} bytes, but the record does not end there"
            return Broken(record.offset, record.number, "corrupt_record", detail, body)
        detail = f"the file ends before the {length} bytes of its last record"
        return Broken(record.offset, record.number, "truncated_input", detail, body)

    def _find_start(self) -> int:
        """Go on to the next line that begins a record; how many bytes were passed over."""
        number, passed = self._number, 0
        while self._line and not is_record_start(self._line):
            passed += len(self._line)
            self._look()
        self._number = number + 1
        return passed

    def _headers(self, line: bytes) -> Headers:
        if fields := _arc_fields(line):
            url, _, date, media_type, length = (field.decode("utf-8", "replace") for field in fields)
            kind = "warcinfo" if url.startswith("filedesc:") else "response"
            names = ("warc-type", "warc-target-uri", "warc-date", "content-type", "content-length")
            return dict(zip(names, (kind, url, date, media_type, length), strict=True))
        return parse_headers(self._members.read_header())


def parse_headers(block: bytes) -> dict[str, str]:
    """The header fields by name in lower case; of a repeated one the first. A folded line continues the last."""
    text = block.decode("utf-8", "replace")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    fields = [line.partition(":") for line in text.split("\n")]
    return {name.strip().lower(): value.strip() for name, colon, value in reversed(fields) if colon}


def _length(headers: Headers) -> int:
    """The Content-Length; a missing or senseless one is 0, which then does not lead to the next record."""
    value = headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
