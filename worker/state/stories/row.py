"""The stored verdict: 5 bytes for what is simply new, 40 for all else. The Lua scripts write the same bytes."""

from __future__ import annotations

import struct
from typing import NamedTuple

from worker.models import DuplicateKind, DuplicateVerdict

KINDS: tuple[DuplicateKind, ...] = (
    "new",
    "recapture",
    "exact_copy",
    "near_copy",
    "excerpt",
    "update",
    "supersedes",
    "contained",
    "related",
    "pending_copy",
)
REASONS = (
    None,
    "too_short",
    "took_over",
    "same_url_same_text",
    "same_text",
    "shared_passages",
    "same_url",
    "claimed",
    "better_source",
    "original_source",
    "published_earlier",
)
NOBODY = 0xFFFF  # index of no member
SHORT = struct.Struct("<BI")
LONG = struct.Struct("<BIIHHHHBBBBBH8s8s")


class Row(NamedTuple):
    """A verdict by numbers. `of` names a member of a story by its place in the order of arrival."""

    kind: int
    story: int
    of_story: int = 0
    of: int = NOBODY
    member: int = 0
    version: int = 1
    fence: int = 1
    reason: int = 0
    shared: int = 0
    live: int = 0
    compared: int = 0
    agreed: int = 0
    ratio: int = 0  # hundredths; 0 where lengths were not compared
    url: bytes = bytes(8)
    exact: bytes = bytes(8)

    @classmethod
    def unpack(cls, packed: bytes) -> Row:
        return cls(*(SHORT if len(packed) == SHORT.size else LONG).unpack(packed))

    def verdict(self, story_id: str, of: str | None) -> DuplicateVerdict:
        """The verdict in words; `of` is the full id of the member it names."""
        reason = REASONS[self.reason]
        return DuplicateVerdict(
            kind=KINDS[self.kind],
            story_id=story_id,
            of=of,
            similarity=self._similarity(),
            version=self.version,
            fence=self.fence,
            reason=reason,
            shared_anchors=self.shared,
            live_anchors=self.live,
            numbers_compared=self.compared,
            numbers_agreed=self.agreed,
            length_ratio=self.ratio / 100 if self.ratio else None,
            evidence=self._evidence(),
        )

    def _similarity(self) -> float | None:
        if REASONS[self.reason] in {"same_url_same_text", "same_text"}:
            return 1.0
        return round(self.shared / self.live, 4) if self.shared else None

    def _evidence(self) -> tuple[str, ...]:
        said = []
        if self.shared:
            said.append(f"{self.shared} of {self.live} sampled passages are shared")
        if self.compared:
            said.append(f"{self.agreed} of {self.compared} comparable numbers agree")
        if self.ratio:
            said.append(f"{self.ratio / 100:g} times as long")
        return tuple(said)
