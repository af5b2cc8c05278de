"""The stored verdict: 5 bytes for what is simply new, 40 for all else, 18 more for evidence by shared passages. The Lua
scripts write the same bytes."""

from __future__ import annotations

import struct
from typing import NamedTuple

from worker.models import DuplicateKind, DuplicateVerdict
from worker.stages.deduplicate import Fingerprint

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
# Low 16 bits of at most 3 shared anchors, at most 3 numbers that agree, at most 3 that the other text lacks; 0: none.
SHOWN = struct.Struct("<9H")


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
    exact: bytes = bytes(8)  # zeros when the story held this text before
    shown: tuple[int, ...] = (0,) * 9

    @classmethod
    def unpack(cls, packed: bytes) -> Row:
        if len(packed) == SHORT.size:
            return cls(*SHORT.unpack(packed))
        if len(packed) == LONG.size:
            return cls(*LONG.unpack(packed))
        return cls._make((*LONG.unpack_from(packed), SHOWN.unpack_from(packed, LONG.size)))

    def verdict(self, story_id: str, of: str | None, fp: Fingerprint) -> DuplicateVerdict:
        """The verdict in words; `of` is the full id of the member it names, `fp` what was judged."""
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
            evidence=self._evidence(fp),
        )

    def _similarity(self) -> float | None:
        if REASONS[self.reason] in {"same_url_same_text", "same_text"}:
            return 1.0
        return round(self.shared / self.live, 4) if self.shared else None

    def _evidence(self, fp: Fingerprint) -> tuple[str, ...]:
        said = []
        if self.shared:
            quotes = [fp.passage(place) for place, anchor in enumerate(fp.anchors) if anchor & 0xFFFF in self.shown[:3]]
            among = ", ".join(f"“{quote}”" for quote in quotes if quote)
            said.append(f"{self.shared} of {self.live} sampled passages are shared" + (f": {among}" if among else ""))
        if self.compared:
            agreed, only_here = self._figures(fp, self.shown[3:6]), self._figures(fp, self.shown[6:])
            others = self.compared - self.agreed
            differ = f"; {others} differ{'' if others > 1 else 's'}" if others else ""
            lacks = f"; the other text lacks {only_here}" if only_here else ""
            among = f": {agreed}" if agreed else ""
            said.append(f"{self.agreed} of {self.compared} comparable numbers agree{among}{differ}{lacks}")
        if self.ratio:
            said.append(f"{self.ratio / 100:g} times as long")
        return tuple(said)

    def _figures(self, fp: Fingerprint, numbers: tuple[int, ...]) -> str:
        """Numbers as the text writes them."""
        return ", ".join([figure for number, figure in zip(fp.numbers, fp.figures, strict=False) if number in numbers])
