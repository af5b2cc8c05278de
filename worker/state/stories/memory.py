"""The story index in this process: for `try`, for tests, and as the readable form of what the Lua scripts do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from worker.models import CaptureId, DuplicateKind, DuplicateVerdict
from worker.rules import DedupRules
from worker.stages.deduplicate import (
    NOT_SHORTER,
    Candidate,
    Decision,
    Fingerprint,
    Fresh,
    SiteParagraphs,
    Source,
    better,
    judge,
    rank_of,
)
from worker.state.stories.contract import IndexSize, Settled, Story
from worker.state.stories.finding import Finding, member_of, row_of, sketch_of
from worker.state.stories.held import Address, Held, Site
from worker.state.stories.remembered import Remembered
from worker.state.stories.row import KINDS, NOBODY, Row

GOES_ON = frozenset({"new", "update", "supersedes", "contained", "related"})


class MemoryStories:
    """A `StoryIndex` without a server."""

    def __init__(self, rules: DedupRules, *, clock: Callable[[], float] = time.time) -> None:
        self._rules = rules
        self._clock = clock
        self._lock = threading.RLock()
        self._held = Remembered(rules)

    def known_furniture(self, asks: Sequence[SiteParagraphs]) -> list[frozenset[int]]:
        with self._lock:
            return [self._held.furniture(ask) for ask in asks]

    def claim(self, fingerprints: Sequence[Fingerprint]) -> list[DuplicateVerdict]:
        with self._lock:
            self._held.roll(self._clock())
            verdicts = [self._claim(each, self._clock()) for each in fingerprints]
            self._held.keep_budget()
            return verdicts

    def confirm(self, settled: Sequence[Settled]) -> list[bool]:
        with self._lock:
            return [self._confirm(each) for each in settled]

    def abort(self, settled: Sequence[Settled]) -> list[bool]:
        with self._lock:
            return [self._abort(each) for each in settled]

    def story(self, story_id: str) -> Story | None:
        with self._lock:
            for held in reversed(self._held.stories.values()):  # an aborted founder that came back began it again
                if held.story_id == story_id and self._clock() < held.expires:
                    members = tuple(member for member in held.members if member is not None)
                    return Story(story_id=story_id, state=held.state, canonical=held.owner(), members=members)
        return None

    def size(self) -> IndexSize:
        with self._lock:
            return self._held.size(self._clock())

    def forget(self, capture_id: CaptureId) -> bool:
        with self._lock:
            row = self._held.row(capture_id)
            if row is None:
                return False
            self._held.drop(capture_id)
            held = self._held.stories.get(row.story)
            if held is not None:
                if held.owner() == capture_id:
                    held.state, held.before, held.canonical = "free", None, NOBODY
                held.members[row.member] = None
            return True

    def close(self) -> None:
        pass

    # --- claim ---------------------------------------------------------------------------------------

    def _claim(self, fp: Fingerprint, now: float) -> DuplicateVerdict:
        row = self._held.row(fp.capture_id)
        if row is not None:
            held = self._held.stories.get(row.story)
            if held is not None and held.state == "pending" and held.owner() == fp.capture_id:
                held.lease_until = int(now) + self._rules.lease_s
            return self._say(row, fp)
        address = self._held.address(fp)
        found = self._decide(fp, address)
        story = found.story
        if story is not None and found.kind not in {"contained", "related"} and story.state != "stored":
            if story.state == "pending" and now < story.lease_until:
                waits = found._replace(kind="pending_copy", reason="claimed")
                return self._say(row_of(waits, story, story.canonical, fp), fp)
            if self._release(story):  # back to what was stored before: look again
                return self._claim(fp, now)
            found = Finding("new", "took_over", story)
        elif story is not None and (reason := self._better(fp, found, story)) is not None:
            samples = max(1, len(fp.anchors))
            whole = Decision("near_copy", story.number, samples, samples) if found.kind == "exact_copy" else found.how
            found = Finding("supersedes", reason, story, whole)
        return self._say(self._write(fp, now, found, address), fp)

    def _decide(self, fp: Fingerprint, address: Address | None) -> Finding:
        if address is not None:
            story = self._held.stories[address.story]
            if address.exact == fp.exact_hash:
                return Finding("recapture", "same_url_same_text", story)
            if address.kind in GOES_ON:
                return Finding("update", "same_url", story)
        if fp.too_short:
            return Finding("new", "too_short")
        same = self._held.stories.get(self._held.newest("exact", fp.exact_hash[:16]) or 0)
        if same is not None:
            return Finding("exact_copy", "same_text", same)
        live, candidates = self._candidates(fp)
        decision = judge(sketch_of(fp), live, self._fresh(fp), candidates, self._rules)
        if decision.story is None:
            return Finding("new")
        return Finding(decision.kind, "shared_passages", self._held.stories[decision.story], decision)

    def _better(self, fp: Fingerprint, found: Finding, story: Held) -> str | None:
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
            owners = self._held.owners(anchor)
            if owners is None:
                continue
            live += 1
            for number in owners:
                shared.setdefault(number, set()).add(place)
        held = ((self._held.stories.get(number), places) for number, places in shared.items())
        return live, [
            Candidate(story.number, story.sketch, story.live, frozenset(places), story.site == fp.site)
            for story, places in held
            if story is not None and not story.digest
        ]

    def _fresh(self, fp: Fingerprint) -> Fresh:
        """What of a text its site has not shown yet: anchors that are alive, and words."""
        site = self._held.sites.get(fp.site, Site())
        new = {place for place, paragraph in enumerate(fp.paragraphs) if site.get(paragraph) == (0, 0)}
        places = frozenset(
            place
            for place, (anchor, block) in enumerate(zip(fp.anchors, fp.blocks, strict=True))
            if block in new and self._held.owners(anchor) is not None
        )
        return Fresh(places, sum(length for place, length in enumerate(fp.lengths) if place in new))

    def _write(self, fp: Fingerprint, now: float, found: Finding, address: Address | None) -> Row:
        kind = found.kind
        epoch = self._held.current
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
        row = row_of(found, story, of, fp)._replace(member=member, version=version)
        if self._held.newest("exact", fp.exact_hash[:16]) == story.number:
            row = row._replace(exact=bytes(8))  # the story held this text before: not this capture's to withdraw
        if owns:
            story.state, story.lease_until = "pending", int(now) + self._rules.lease_s
            story.sketch, story.origin, story.site, story.expires = (
                sketch_of(fp),
                fp.origin,
                fp.site,
                self._held.expiry(now),
            )
            story.canonical, story.rank = member, self._rank(fp)
            if not story.digest and not fp.too_short:
                self._held.post(story, fp.anchors)
        story.members.append(member_of(fp, kind, now))
        epoch.captures[fp.capture_id] = row
        self._held.count(now)
        if not fp.too_short and kind not in {"recapture", "exact_copy"}:
            epoch.exact[fp.exact_hash[:16]] = story.number
        if fp.url_key is not None and kind != "recapture":
            epoch.addresses[fp.url_key] = Address(story.number, version, kind, member, fp.exact_hash)
        if address is None and kind != "contained":
            self._held.learn(fp, story.number)
        return row

    def _begin(self, fp: Fingerprint, now: float, kind: DuplicateKind) -> Held:
        held = Held(
            number=self._held.next_number(),
            story_id=fp.capture_id[:16],
            sketch=sketch_of(fp),
            lease_until=int(now) + self._rules.lease_s,
            expires=self._held.expiry(now),
            origin=fp.origin,
            site=fp.site,
            rank=self._rank(fp),
            digest=kind == "contained",
        )
        self._held.stories[held.number] = held
        return held

    # --- settle --------------------------------------------------------------------------------------

    def _confirm(self, settled: Settled) -> bool:
        row = self._held.row(settled.capture_id)
        held = self._held.stories.get(row.story) if row is not None else None
        if held is None:
            return False
        if held.owner() == settled.capture_id:
            if held.fence != settled.fence:
                return False
            held.state, held.before = "stored", None
        return True

    def _abort(self, settled: Settled) -> bool:
        row = self._held.row(settled.capture_id)
        held = self._held.stories.get(row.story) if row is not None else None
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
        row = self._held.row(owner) if owner is not None else None
        if owner is not None and row is not None:
            if held.before is None:
                self._held.drop(owner)
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
        self._held.drop(capture_id)
        url, text = row.url.hex(), row.exact.hex()
        if self._held.newest("exact", text) == row.story:
            for epoch in self._held.epochs.values():
                epoch.exact.pop(text, None)
        address: Address | None = self._held.newest("addresses", url)
        if address is not None and (address.story, address.member) == (row.story, row.member):
            for epoch in self._held.epochs.values():
                if url in epoch.addresses and row.version > 1:
                    epoch.addresses[url] = replace(address, exact="")
                else:
                    epoch.addresses.pop(url, None)

    def _say(self, row: Row, fp: Fingerprint) -> DuplicateVerdict:
        held, matched = self._held.stories.get(row.story), self._held.stories.get(row.of_story)
        of = matched.members[row.of] if matched is not None and row.of != NOBODY else None
        return row.verdict(held.story_id if held else "", of.capture_id if of else None, fp)
