"""What the story index in this process holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from worker.models import CaptureId, DuplicateKind
from worker.stages.deduplicate import Sketch
from worker.state.stories.contract import Member, StoryState
from worker.state.stories.row import NOBODY, Row


@dataclass(slots=True)
class Held:
    """A story."""

    number: int
    story_id: str
    sketch: Sketch
    lease_until: float
    expires: float
    origin: str | None
    site: str
    rank: int  # of its site among the owner's publishers
    state: StoryState = "pending"
    fence: int = 1
    live: int = 0
    canonical: int = 0
    members: list[Member | None] = field(default_factory=list)
    digest: bool = False  # holds other stories: never matched by passages
    before: tuple[Sketch, int, str | None, str, int] | None = None  # to return to when the new canonical is not stored

    def owner(self) -> CaptureId | None:
        member = self.members[self.canonical] if self.canonical != NOBODY else None
        return member.capture_id if member is not None else None


@dataclass(frozen=True, slots=True)
class Address:
    """What was last seen at an address."""

    story: int
    version: int
    kind: DuplicateKind
    member: int
    exact: str


@dataclass(slots=True)
class Epoch:
    """All that was claimed in one span of time, and is forgotten together."""

    first_story: int = 1  # the number of the first that began in it
    postings: dict[int, list[int] | None] = field(default_factory=dict)  # None: dead, owned by too many
    captures: dict[str, Row] = field(default_factory=dict)
    exact: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)


@dataclass(slots=True)
class Site:
    """The paragraphs of a site: in how many stories and at how many addresses. None: furniture."""

    young: dict[int, tuple[int, int] | None] = field(default_factory=dict)
    old: dict[int, tuple[int, int] | None] = field(default_factory=dict)

    def get(self, paragraph: int) -> tuple[int, int] | None:
        return self.young[paragraph] if paragraph in self.young else self.old.get(paragraph, (0, 0))


@dataclass(slots=True)
class Rate:
    """How many came within the last seconds: all of this span, and of the one before the part that is not over."""

    span_s: int
    number: int = 0
    current: int = 0
    before: int = 0

    def count(self, now: float) -> None:
        self._roll(now)
        self.current += 1

    def recent(self, now: float) -> int:
        self._roll(now)
        return int(self.current + self.before * (1 - now % self.span_s / self.span_s) + 0.5)

    def _roll(self, now: float) -> None:
        number = int(now // self.span_s)
        if number != self.number:
            self.before = self.current if number == self.number + 1 else 0
            self.number, self.current = number, 0
