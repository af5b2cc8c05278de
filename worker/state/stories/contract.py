"""What a story index promises, and the words it is spoken to in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from pydantic import AwareDatetime

from worker.models import CaptureId, DuplicateKind, DuplicateVerdict, Message
from worker.stages.deduplicate import Fingerprint, SiteParagraphs

StoryState = Literal["pending", "stored", "free"]


class Settled(NamedTuple):
    """The end of a claim: what was claimed, and the right to settle it."""

    capture_id: CaptureId
    story_id: str
    fence: int


class Member(Message):
    """One capture of a story."""

    capture_id: CaptureId
    kind: DuplicateKind
    site: str
    seen_at: AwareDatetime  # when it was captured, else when it was claimed
    published_at: AwareDatetime | None = None  # as the page says
    published_exactly: bool = False  # to the minute


class Story(Message):
    """What is held of a story: its captures in order of arrival."""

    story_id: str
    state: StoryState
    canonical: CaptureId | None  # null after the canonical capture was forgotten
    members: tuple[Member, ...]


class IndexSize(Message):
    """How much is held, and how fast it grows. Bytes are an estimate from a sample, for planning."""

    stories: int
    captures: int
    bytes: int
    budget_bytes: int = 0  # 0: bounded by the window alone
    last_minute: int = 0  # captures taken in
    last_hour: int = 0
    forgotten: int = 0  # captures that went before their window ended, because of the budget


class StoryIndex(Protocol):
    """What is held of all stories within the window, and the atomic decision about each new capture."""

    def known_furniture(self, asks: Sequence[SiteParagraphs]) -> list[frozenset[int]]:
        """Of each page's paragraphs, those that are furniture of its site. One round trip."""
        ...

    def claim(self, fingerprints: Sequence[Fingerprint]) -> list[DuplicateVerdict]:
        """One verdict each, in order; one round trip, each atomic by itself.

        A capture asked again gets its first verdict. The exception is `pending_copy`, which is not kept: the
        story is claimed by a capture that is not settled yet, so ask again later with the same fingerprint.
        Kinds that go on to be delivered hold a lease: `confirm` or `abort` them.
        """
        ...

    def confirm(self, settled: Sequence[Settled]) -> list[bool]:
        """Its deliveries are durable: copies may now rely on it. False where another has taken over. Idempotent."""
        ...

    def abort(self, settled: Sequence[Settled]) -> list[bool]:
        """It will not be stored: the next copy takes over, and it is judged anew if it comes back.

        False where there is nothing to give back: another has taken over, or it is stored already.
        """
        ...

    def story(self, story_id: str) -> Story | None:
        """What is held of a story, or None when it is unknown or older than the window."""
        ...

    def size(self) -> IndexSize: ...

    def forget(self, capture_id: CaptureId) -> bool:
        """Remove a capture, for takedowns. The next copy of a story whose canonical capture goes takes over."""
        ...

    def close(self) -> None: ...
