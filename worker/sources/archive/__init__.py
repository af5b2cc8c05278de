"""Archives: tar and zip, and files packed by gzip, bzip2 or xz, with any other source's format inside.

Nothing is written to disk under a member's name. Links, absolute names and `..` are refused, and what
unpacks without measure. Each capture names its member; its offset is that of the member in the archive.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from pydantic import Field, field_validator

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture, Reference
from worker.plugins import Options, check_source, open_source, recognize
from worker.sources import HEAD_BYTES
from worker.sources.archive.members import Zip, is_tar, tar_members
from worker.sources.archive.streams import Damaged, peekable, unpacked

MAX_DEPTH = 5  # archives inside archives; a packed file counts: zip > tar.gz > items.jsonl.gz are four
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_NO_ARCHIVES = (b"[Content_Types].xml", b"mimetypeapplication/")  # office documents and e-books are zips as well
_SUFFIXES = (".gz", ".bz2", ".xz", ".tgz", ".tbz2", ".txz")

Item = RawCapture | BrokenRecord | Reference


class ArchiveOptions(Options):
    """What the owner says of the sources inside, by kind: {"jsonl": {"preset": "scrapy"}}."""

    inside: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)

    @field_validator("inside")
    @classmethod
    def _known(cls, inside: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
        for kind, options in inside.items():
            check_source("inside", kind, options)
        return inside


class ArchiveSource:
    """tar and zip, and files packed by gzip, bzip2 or xz, with any other format inside"""

    Options = ArchiveOptions

    def __init__(self, options: ArchiveOptions | None = None) -> None:
        self._inside = options.inside if options else {}

    def recognizes(self, head: bytes, name: str) -> float:
        if head.startswith(_ZIP):
            return 0.0 if any(mark in head[:512] for mark in _NO_ARCHIVES) else 0.7
        return 0.7 if head.startswith(_PACKED) or is_tar(head) else 0.0

    def read(self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0) -> Iterator[Item]:
        reader = peekable(stream)
        origin = Origin(location=location)
        reached = start
        try:
            for item in _contents(reader, origin, location, defaults, start, MAX_DEPTH, self._inside):
                reached = item.origin.offset or reached
                yield item
        except Damaged as exc:
            place = Origin(location=location, offset=reached)
            yield BrokenRecord(origin=place, reason=exc.reason, detail=f"read as far as it goes: {exc}")
        finally:
            if reader is not stream:
                reader.detach()  # else it closes the stream, which is not ours


def _contents(
    stream: io.BufferedReader,
    origin: Origin,
    name: str,
    defaults: CaptureFacts,
    start: int,
    depth: int,
    options: Mapping[str, Mapping[str, Any]],
) -> Iterator[Item]:
    """What is in `stream`, an archive or not; `origin` is where it lies itself."""
    head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    kind = recognize(head, name)
    if depth == MAX_DEPTH and kind == "wacz":
        kind = "archive"  # whoever asks for an archive gets it as one
    if kind is None:
        raise Damaged("unknown_format", "of no known format")
    if kind != "archive":
        location = origin.location if origin.member is None else f"{origin.location}!{origin.member}"
        for item in open_source(kind, options.get(kind)).read(
            stream, location=location, defaults=defaults, start=start
        ):
            yield _placed(item, origin)
        return
    if depth == 0:
        raise Damaged("too_deep", f"more than {MAX_DEPTH} archives inside each other")
    if inner := unpacked(stream, head):
        yield from _contents(inner, origin, name.removesuffix(_suffix(name)), defaults, start, depth - 1, options)
        return
    members = tar_members(stream, start) if is_tar(head) else Zip(stream, name).members(start)
    for member in members:
        path = member.name if origin.member is None else f"{origin.member}!{member.name}"
        offset = member.offset if origin.offset is None else origin.offset
        inside = Origin(location=origin.location, member=path, offset=offset)
        try:
            if member.refusal:
                raise member.refusal
            if member.stream:
                yield from _contents(member.stream, inside, member.name, defaults, 0, depth - 1, options)
        except BadCapture as exc:
            reason = exc.reason if isinstance(exc, Damaged) else "unreadable_member"
            yield BrokenRecord(
                origin=inside, reason=reason, detail=str(exc).removeprefix(f"{origin.location}!{path}: ")
            )


def _placed(item: Item, origin: Origin) -> Item:
    """`item` with the place of the archive it lies in. In a packed file the offset is that of the unpacked bytes."""
    inner = item.origin
    member = "!".join(part for part in (origin.member, inner.member) if part is not None) or None
    offset = inner.offset if origin.offset is None else origin.offset
    place = Origin(location=origin.location, member=member, record=inner.record, offset=offset)
    return item.model_copy(update={"origin": place})


def _suffix(name: str) -> str:
    return next((suffix for suffix in _SUFFIXES if name.lower().endswith(suffix)), "")
