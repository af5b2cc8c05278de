"""The story index in this process: for `try`, for tests, and as the readable form of what the Lua scripts do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from worker.models import CaptureId, DuplicateKind, DuplicateVerdict
from worker.rules import DedupRules
from worker.stages.deduplicate import (
    NOT_SHORTER,
    Candidate,
    Decision,
    Fingerprint,
    Fresh,
    SiteParagraphs,
    Sketch,
    Source,
    better,
    judge,
    rank_of,
)
from worker.state.stories.contract import IndexSize, Member, Settled, Story
from worker.state.stories.held import Address, Epoch, Held, Site
from worker.state.stories.row import KINDS, NOBODY, REASONS, Row

EPOCHS_A_WINDOW = 4
GENERATION = 128  # paragraphs of a site remembered before the older half goes
GOES_ON = frozenset({"new", "update", "supersedes", "contained", "related"})


class _Finding(NamedTuple):
    """How an article stands to what is held, before it is known whether that is settled."""

    kind: DuplicateKind
    reason: str | None = None
    story: Held | None = None
    how: Decision = Decision("new")


class MemoryStories:
    """A `StoryIndex` without a server."""

    def __init__(self, rules: DedupRules, *, clock: Callable[[], float] = time.time) -> None:
        self._rules = rules
        self._clock = clock
        self._lock = threading.RLock()
        self._epochs: dict[int, Epoch] = {}
        self._stories: dict[int, Held] = {}
        self._sites: dict[str, Site] = {}
        self._count = 0

    def known_furniture(self, asks: Sequence[SiteParagraphs]) -> list[frozenset[int]]:
        with self._lock:
            return [self._furniture(ask) for ask in asks]

    def claim(self, fingerprints: Sequence[Fingerprint]) -> list[DuplicateVerdict]:
        with self._lock:
            return [self._claim(each, self._clock()) for each in fingerprints]

    def confirm(self, settled: Sequence[Settled]) -> list[bool]:
        with self._lock:
            return [self._confirm(each) for each in settled]

    def abort(self, settled: Sequence[Settled]) -> list[bool]:
        with self._lock:
            return [self._abort(each) for each in settled]

    def story(self, story_id: str) -> Story | None:
        with self._lock:
            for held in reversed(self._stories.values()):  # an aborted founder that came back began it again
                if held.story_id == story_id and self._clock() < held.expires:
                    members = tuple(member for member in held.members if member is not None)
                    return Story(story_id=story_id, state=held.state, canonical=held.owner(), members=members)
        return None

    def size(self) -> IndexSize:
        with self._lock:
            self._roll(self._clock())
            return IndexSize(
                stories=len(self._stories), captures=sum(len(e.captures) for e in self._epochs.values()), bytes=0
            )

    def forget(self, capture_id: CaptureId) -> bool:
        with self._lock:
            row = self._row(capture_id)
            if row is None:
                return False
            self._drop(capture_id)
            held = self._stories.get(row.story)
            if held is not None:
                if held.owner() == capture_id:
                    held.state, held.before, held.canonical = "free", None, NOBODY
                held.members[row.member] = None
            return True

    def close(self) -> None:
        pass

    # --- claim ---------------------------------------------------------------------------------------

    def _claim(self, fp: Fingerprint, now: float) -> DuplicateVerdict:
        self._roll(now)
        row = self._row(fp.capture_id)
        if row is not None:
            held = self._stories.get(row.story)
            if held is not None and held.state == "pending" and held.owner() == fp.capture_id:
                held.lease_until = int(now) + self._rules.lease_s
            return self._say(row, fp)
        address = self._address(fp)
        found = self._decide(fp, address)
        story = found.story
        if story is not None and found.kind not in {"contained", "related"} and story.state != "stored":
            if story.state == "pending" and now < story.lease_until:
                waits = found._replace(kind="pending_copy", reason="claimed")
                return self._say(_row(waits, story, story.canonical, fp), fp)
            if self._release(story):  # back to what was stored before: look again
                return self._claim(fp, now)
            found = _Finding("new", "took_over", story)
        elif story is not None and (reason := self._better(fp, found, story)) is not None:
            samples = max(1, len(fp.anchors))
            whole = Decision("near_copy", story.number, samples, samples) if found.kind == "exact_copy" else found.how
            found = _Finding("supersedes", reason, story, whole)
        return self._say(self._write(fp, now, found, address), fp)

    def _decide(self, fp: Fingerprint, address: Address | None) -> _Finding:
        if address is not None:
            story = self._stories[address.story]
            if address.exact == fp.exact_hash:
                return _Finding("recapture", "same_url_same_text", story)
            if address.kind in GOES_ON:
                return _Finding("update", "same_url", story)
        if fp.too_short:
            return _Finding("new", "too_short")
        same = self._stories.get(self._newest("exact", fp.exact_hash[:16]) or 0)
        if same is not None:
            return _Finding("exact_copy", "same_text", same)
        live, candidates = self._candidates(fp)
        decision = judge(_sketch(fp), live, self._fresh(fp), candidates, self._rules)
        if decision.story is None:
            return _Finding("new")
        return _Finding(decision.kind, "shared_passages", self._stories[decision.story], decision)

    def _better(self, fp: Fingerprint, found: _Finding, story: Held) -> str | None:
        if (
            found.kind not in {"exact_copy", "near_copy"}
            or fp.is_excerpt
            or fp.words < NOT_SHORTER * story.sketch.words
        ):
            return None
        canonical = story.members[story.canonical] if story.canonical != NOBODY else None
        exact = canonical is not None and canonical.published_exactly and canonical.published_at is not None
        at = int(canonical.published_at.timestamp()) if exact and canonical and canonical.published_at else None
        text = Source(fp.site, self._rank(fp), fp.origin, (fp.published_at or None) if fp.published_exactly else None)
        return better(text, Source(story.site, story.rank, story.origin, at), self._rules)

    def _rank(self, fp: Fingerprint) -> int:
        return rank_of(fp.site, self._rules.publishers)

    def _candidates(self, fp: Fingerprint) -> tuple[int, list[Candidate]]:
        live = 0
        shared: dict[int, set[int]] = {}
        for place, anchor in enumerate(fp.anchors):
            owners = self._owners(anchor)
            if owners is None:
                continue
            live += 1
            for number in owners:
                shared.setdefault(number, set()).add(place)
        held = ((self._stories.get(number), places) for number, places in shared.items())
        return live, [
            Candidate(story.number, story.sketch, story.live, frozenset(places), story.site == fp.site)
            for story, places in held
            if story is not None and not story.digest
        ]

    def _fresh(self, fp: Fingerprint) -> Fresh:
        """What of a text its site has not shown yet: anchors that are alive, and words."""
        site = self._sites.get(fp.site, Site())
        new = {place for place, paragraph in enumerate(fp.paragraphs) if site.get(paragraph) == (0, 0)}
        places = frozenset(
            place
            for place, (anchor, block) in enumerate(zip(fp.anchors, fp.blocks, strict=True))
            if block in new and self._owners(anchor) is not None
        )
        return Fresh(places, sum(length for place, length in enumerate(fp.lengths) if place in new))

    def _write(self, fp: Fingerprint, now: float, found: _Finding, address: Address | None) -> Row:
        kind = found.kind
        epoch = self._epochs[self._epoch_of(now)]
        of = found.story.canonical if found.story is not None and kind != "new" else NOBODY
        version = 1 if address is None else address.version if kind == "recapture" else address.version + 1
        if found.story is None or kind in {"contained", "related"}:
            story, owns = self._begin(fp, now, kind), True
        else:
            story = found.story
            renews = kind == "update" and not fp.too_short and address is not None and address.member == story.canonical
            owns = kind in {"new", "supersedes"} or renews
            if owns:
                story.before = (
                    (story.sketch, story.canonical, story.origin, story.site, story.rank) if kind != "new" else None
                )
                story.fence += 1
        member = len(story.members)
        # The row tells how the texts compared, so it is made before the story takes on the new text.
        row = _row(found, story, of, fp)._replace(member=member, version=version)
        if self._newest("exact", fp.exact_hash[:16]) == story.number:
            row = row._replace(exact=bytes(8))  # the story held this text before: not this capture's to withdraw
        if owns:
            story.state, story.lease_until = "pending", int(now) + self._rules.lease_s
            story.sketch, story.origin, story.site, story.expires = _sketch(fp), fp.origin, fp.site, self._expiry(now)
            story.canonical, story.rank = member, self._rank(fp)
            if not story.digest and not fp.too_short:
                self._post(story, fp, epoch)
        story.members.append(_member(fp, kind, now))
        epoch.captures[fp.capture_id] = row
        if not fp.too_short and kind not in {"recapture", "exact_copy"}:
            epoch.exact[fp.exact_hash[:16]] = story.number
        if fp.url_key is not None and kind != "recapture":
            epoch.addresses[fp.url_key] = Address(story.number, version, kind, member, fp.exact_hash)
        if address is None and kind != "contained":
            self._learn(fp, story.number)
        return row

    def _begin(self, fp: Fingerprint, now: float, kind: DuplicateKind) -> Held:
        self._count += 1
        held = Held(
            number=self._count,
            story_id=fp.capture_id[:16],
            sketch=_sketch(fp),
            lease_until=int(now) + self._rules.lease_s,
            expires=self._expiry(now),
            origin=fp.origin,
            site=fp.site,
            rank=self._rank(fp),
            digest=kind == "contained",
        )
        self._stories[held.number] = held
        return held

    def _post(self, held: Held, fp: Fingerprint, epoch: Epoch) -> None:
        """Add the anchors of `fp` to a story. Postings count stories, not copies, or copies would kill them."""
        for anchor in fp.anchors:
            owners = self._owners(anchor)
            if owners is None or held.number in owners:
                continue
            posting = epoch.postings.setdefault(anchor, [])
            assert posting is not None  # dead postings have no owners
            posting.append(held.number)
            held.live += 1
            if len(posting) >= self._rules.df_cap:
                epoch.postings[anchor] = None
                for number in posting:
                    if (owner := self._stories.get(number)) is not None:
                        owner.live -= 1

    def _owners(self, anchor: int) -> list[int] | None:
        """The stories that own an anchor; None when it is dead."""
        owners: list[int] = []
        for epoch in self._epochs.values():
            posting = epoch.postings.get(anchor, owners[:0])
            if posting is None:
                return None
            owners.extend(posting)
        return None if len(owners) >= self._rules.df_cap else owners

    def _learn(self, fp: Fingerprint, number: int) -> None:
        site = self._sites.setdefault(fp.site, Site())
        for paragraph in fp.paragraphs:
            seen = site.get(paragraph)
            if seen is not None:
                story, addresses = seen
                furniture = addresses and (story != number or addresses + 1 >= self._rules.furniture_urls)
                seen = None if furniture else (number, addresses + 1)
            site.young[paragraph] = seen
        if len(site.young) > GENERATION:
            site.young, site.old = {}, site.young

    def _furniture(self, ask: SiteParagraphs) -> frozenset[int]:
        site = self._sites.get(ask.site, Site())
        return frozenset(paragraph for paragraph in ask.paragraphs if site.get(paragraph) is None)

    # --- settle --------------------------------------------------------------------------------------

    def _confirm(self, settled: Settled) -> bool:
        row = self._row(settled.capture_id)
        held = self._stories.get(row.story) if row is not None else None
        if held is None:
            return False
        if held.owner() == settled.capture_id:
            if held.fence != settled.fence:
                return False
            held.state, held.before = "stored", None
        return True

    def _abort(self, settled: Settled) -> bool:
        row = self._row(settled.capture_id)
        held = self._stories.get(row.story) if row is not None else None
        if row is None or held is None:
            return False
        if held.owner() == settled.capture_id:
            if held.state != "pending" or held.fence != settled.fence:
                return False
            self._release(held)
            return True
        if KINDS[row.kind] in GOES_ON - {"update"}:  # stored, and another is canonical since
            return False
        self._withdraw(settled.capture_id, row)
        return True

    def _release(self, held: Held) -> bool:
        """Take a story from an owner that will not store it. True when an earlier text is stored and stands again."""
        owner = held.owner()
        row = self._row(owner) if owner is not None else None
        if owner is not None and row is not None:
            if held.before is None:
                self._drop(owner)
            else:
                self._withdraw(owner, row)
        if held.before is None:
            held.state = "free"
            return False
        held.sketch, held.canonical, held.origin, held.site, held.rank = held.before
        held.state, held.before = "stored", None
        return True

    def _withdraw(self, capture_id: CaptureId, row: Row) -> None:
        """Forget a verdict as if its capture had not come, so that it is judged anew when it comes back."""
        self._drop(capture_id)
        url, text = row.url.hex(), row.exact.hex()
        if self._newest("exact", text) == row.story:
            for epoch in self._epochs.values():
                epoch.exact.pop(text, None)
        address: Address | None = self._newest("addresses", url)
        if address is not None and (address.story, address.member) == (row.story, row.member):
            for epoch in self._epochs.values():
                if url in epoch.addresses and row.version > 1:
                    epoch.addresses[url] = replace(address, exact="")
                else:
                    epoch.addresses.pop(url, None)

    def _drop(self, capture_id: CaptureId) -> None:
        for epoch in self._epochs.values():
            epoch.captures.pop(capture_id, None)

    # --- what is held ----------------------------------------------------------------------------------

    def _roll(self, now: float) -> None:
        """Open the epoch of `now`, newest first, and forget those older than the window."""
        current = self._epoch_of(now)
        if current not in self._epochs:
            kept = {e: held for e, held in self._epochs.items() if e >= current - EPOCHS_A_WINDOW}
            self._epochs = {current: Epoch(), **kept}
            self._stories = {n: held for n, held in self._stories.items() if now < held.expires}

    def _epoch_of(self, now: float) -> int:
        return int(now // self._epoch_s())

    def _epoch_s(self) -> float:
        return self._rules.window_days * 86400 / EPOCHS_A_WINDOW

    def _expiry(self, now: float) -> float:
        return (self._epoch_of(now) + EPOCHS_A_WINDOW + 1) * self._epoch_s()

    def _row(self, capture_id: CaptureId) -> Row | None:
        row: Row | None = self._newest("captures", capture_id)
        return row

    def _address(self, fp: Fingerprint) -> Address | None:
        address: Address | None = self._newest("addresses", fp.url_key) if fp.url_key is not None else None
        return address if address is not None and address.story in self._stories else None

    def _newest(self, table: Literal["captures", "exact", "addresses"], key: str) -> Any:
        """What the newest epoch that knows `key` holds of it."""
        return next((held[key] for epoch in self._epochs.values() if key in (held := getattr(epoch, table))), None)

    def _say(self, row: Row, fp: Fingerprint) -> DuplicateVerdict:
        held, matched = self._stories.get(row.story), self._stories.get(row.of_story)
        of = matched.members[row.of] if matched is not None and row.of != NOBODY else None
        return row.verdict(held.story_id if held else "", of.capture_id if of else None, fp)


def _row(found: _Finding, story: Held, of: int, fp: Fingerprint) -> Row:
    matched, how = found.story or story, found.how
    ratio = int(100 * fp.words / max(1, matched.sketch.words) + 0.5) if how.shared else 0
    return Row(
        kind=KINDS.index(found.kind),
        story=story.number,
        of_story=matched.number,
        of=of,
        fence=story.fence,
        reason=REASONS.index(found.reason),
        shared=how.shared,
        live=how.live,
        compared=how.compared,
        agreed=how.agreed,
        ratio=min(0xFFFF, ratio),
        url=bytes.fromhex(fp.url_key) if fp.url_key else bytes(8),
        exact=bytes.fromhex(fp.exact_hash)[:8],
        shown=_three([fp.anchors[place] & 0xFFFF for place in how.places]) + _three(how.numbers),
    )


def _three(values: Sequence[int]) -> tuple[int, ...]:
    return (*values, 0, 0, 0)[:3]


def _sketch(fp: Fingerprint) -> Sketch:
    return Sketch(fp.words, fp.numbers, fp.numbers_total, fp.is_excerpt)


def _member(fp: Fingerprint, kind: DuplicateKind, now: float) -> Member:
    return Member(
        capture_id=fp.capture_id,
        kind=kind,
        site=fp.site,
        seen_at=datetime.fromtimestamp(fp.seen_at if fp.seen_at is not None else int(now), UTC),
        published_at=datetime.fromtimestamp(fp.published_at, UTC) if fp.published_at is not None else None,
        published_exactly=fp.published_exactly,
    )
