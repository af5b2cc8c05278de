"""What the story index in this process remembers, found by key, and forgets by age and by budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from worker.models import CaptureId
from worker.rules import DedupRules
from worker.stages.deduplicate import Fingerprint, SiteParagraphs
from worker.state.stories.contract import IndexSize
from worker.state.stories.held import Address, Epoch, Held, Rate, Site
from worker.state.stories.row import Row

EPOCHS_A_WINDOW = 4
GENERATION = 128  # paragraphs of a site remembered before the older half goes
STORIES_TOGETHER = 16  # are forgotten together, as in the tables of a server
BYTES_A_CAPTURE = 6200  # of CPython's objects (tracemalloc, 20,000 captures of tests/bench/story_index.py)


class Remembered:
    """Epochs, stories and sites. Not thread-safe: its owner locks."""

    def __init__(self, rules: DedupRules) -> None:
        self._rules = rules
        self.epochs: dict[tuple[int, int], Epoch] = {}  # by number and generation within it; newest first
        self.stories: dict[int, Held] = {}
        self.sites: dict[str, Site] = {}
        self._stories_begun = 0
        self._forgotten = 0
        self._minute, self._hour = Rate(60), Rate(3600)

    # --- time and budget -------------------------------------------------------------------------------

    @property
    def current(self) -> Epoch:
        return next(iter(self.epochs.values()))

    def roll(self, now: float) -> None:
        """Open the epoch of `now`, or another generation of it when the last one is full, and forget the oldest."""
        number = int(now // self._epoch_s())
        newest = next(iter(self.epochs), (-1, 0))
        if newest[0] < number:
            kept = {key: held for key, held in self.epochs.items() if key[0] >= number - EPOCHS_A_WINDOW}
            self.epochs = {(number, 0): self._begin(), **kept}
            self.stories = {n: held for n, held in self.stories.items() if now < held.expires}
        elif self._budget() and len(self.current.captures) * BYTES_A_CAPTURE * EPOCHS_A_WINDOW >= self._budget():
            self.epochs = {(newest[0], newest[1] + 1): self._begin(), **self.epochs}

    def keep_budget(self) -> None:
        """Forget the oldest generations while all of them weigh more than the budget."""
        while self._budget() and len(self.epochs) > 1 and self._captures() * BYTES_A_CAPTURE > self._budget():
            oldest = self.epochs.pop(list(self.epochs)[-1])
            self._forgotten += len(oldest.captures)
            until = list(self.epochs.values())[-1].first_story // STORIES_TOGETHER * STORIES_TOGETHER
            for story in [number for number in self.stories if number < until]:
                del self.stories[story]

    def expiry(self, now: float) -> float:
        return (int(now // self._epoch_s()) + EPOCHS_A_WINDOW + 1) * self._epoch_s()

    def size(self, now: float) -> IndexSize:
        oldest = int(now // self._epoch_s()) - EPOCHS_A_WINDOW
        captures = sum(len(held.captures) for key, held in self.epochs.items() if key[0] >= oldest)
        return IndexSize(
            stories=sum(now < held.expires for held in self.stories.values()),
            captures=captures,
            bytes=captures * BYTES_A_CAPTURE,
            budget_bytes=self._budget(),
            last_minute=self._minute.recent(now),
            last_hour=self._hour.recent(now),
            forgotten=self._forgotten,
        )

    def count(self, now: float) -> None:
        """One more capture was taken in."""
        self._minute.count(now)
        self._hour.count(now)

    def next_number(self) -> int:
        """The number of a story that begins."""
        self._stories_begun += 1
        return self._stories_begun

    def _begin(self) -> Epoch:
        return Epoch(first_story=self._stories_begun + 1)

    def _epoch_s(self) -> float:
        return self._rules.window_days * 86400 / EPOCHS_A_WINDOW

    def _budget(self) -> int:
        return self._rules.budget_mb * 2**20

    def _captures(self) -> int:
        return sum(len(held.captures) for held in self.epochs.values())

    # --- found by key ----------------------------------------------------------------------------------

    def row(self, capture_id: CaptureId) -> Row | None:
        row: Row | None = self.newest("captures", capture_id)
        return row

    def address(self, fp: Fingerprint) -> Address | None:
        address: Address | None = self.newest("addresses", fp.url_key) if fp.url_key is not None else None
        return address if address is not None and address.story in self.stories else None

    def newest(self, table: Literal["captures", "exact", "addresses"], key: str) -> Any:
        """What the newest epoch that knows `key` holds of it."""
        return next((held[key] for epoch in self.epochs.values() if key in (held := getattr(epoch, table))), None)

    def drop(self, capture_id: CaptureId) -> None:
        for epoch in self.epochs.values():
            epoch.captures.pop(capture_id, None)

    # --- anchors ---------------------------------------------------------------------------------------

    def post(self, story: Held, anchors: Sequence[int]) -> None:
        """Add anchors to a story. Postings count stories, not copies, or copies would kill them."""
        for anchor in anchors:
            owners = self.owners(anchor)
            if owners is None or story.number in owners:
                continue
            posting = self.current.postings.setdefault(anchor, [])
            assert posting is not None  # dead postings have no owners
            posting.append(story.number)
            story.live += 1
            if len(posting) >= self._rules.df_cap:
                self.current.postings[anchor] = None
                for number in posting:
                    if (owner := self.stories.get(number)) is not None:
                        owner.live -= 1

    def owners(self, anchor: int) -> list[int] | None:
        """The stories that own an anchor; None when it is dead."""
        owners: list[int] = []
        for epoch in self.epochs.values():
            posting = epoch.postings.get(anchor, owners[:0])
            if posting is None:
                return None
            owners.extend(posting)
        return None if len(owners) >= self._rules.df_cap else owners

    # --- sites -----------------------------------------------------------------------------------------

    def learn(self, fp: Fingerprint, number: int) -> None:
        """The site of `fp` has shown its paragraphs in story `number`."""
        site = self.sites.setdefault(fp.site, Site())
        for paragraph in fp.paragraphs:
            seen = site.get(paragraph)
            if seen is not None:
                story, addresses = seen
                furniture = addresses and (story != number or addresses + 1 >= self._rules.furniture_urls)
                seen = None if furniture else (number, addresses + 1)
            site.young[paragraph] = seen
        if len(site.young) > GENERATION:
            site.young, site.old = {}, site.young

    def furniture(self, ask: SiteParagraphs) -> frozenset[int]:
        site = self.sites.get(ask.site, Site())
        return frozenset(paragraph for paragraph in ask.paragraphs if site.get(paragraph) is None)
