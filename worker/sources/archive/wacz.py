"""Web archive collections (WACZ 1.x): a zip with WARCs in `archive/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture, Reference
from worker.plugins import open_source
from worker.sources.archive.members import Member, Zip
from worker.sources.archive.streams import Damaged

_NAMES = rb"archive/[^/\x00]{1,200}\.warc|datapackage\.json|indexes/index\.(?:cdx|idx)|pages/(?:p|extraP)ages\.jsonl"
_INSIDE = re.compile(rb"PK\x03\x04.{26}(?:" + _NAMES + rb")", re.S)
_WARC = re.compile(r"archive/[^/]+\.warc(\.gz|\.zst)?\Z", re.I)


class WaczSource:
    """Web archive collections: the WARCs in a WACZ"""

    def recognizes(self, head: bytes, name: str) -> float:
        if _INSIDE.search(head):
            return 0.9
        return 0.75 if head.startswith(b"PK\x03\x04") and name.lower().endswith(".wacz") else 0.0

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord | Reference]:
        archive = Zip(stream, location)
        warcs = [info for info in archive.infos if _WARC.match(info.filename)]
        if not warcs:
            raise BadCapture(f"{location}: no WARC in its folder `archive`: not a WACZ; as a zip: --format archive")
        for info in warcs:
            if info.header_offset < start:
                continue
            origin = Origin(location=location, member=info.filename, offset=info.header_offset)
            try:
                for item in _captures(archive.member(info), location, defaults):
                    place = origin.model_copy(update={"record": item.origin.record})
                    yield item.model_copy(update={"origin": place})
            except BadCapture as exc:
                reason = exc.reason if isinstance(exc, Damaged) else "unreadable_member"
                yield BrokenRecord(origin=origin, reason=reason, detail=str(exc))


def _captures(member: Member, location: str, defaults: CaptureFacts) -> Iterator[RawCapture | BrokenRecord | Reference]:
    if member.refusal or member.stream is None:
        raise member.refusal or Damaged("unreadable_member", "it cannot be opened")
    yield from open_source("warc").read(member.stream, location=f"{location}!{member.name}", defaults=defaults)
