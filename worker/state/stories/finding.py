"""How an article stands to what is held, and how that is written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from worker.models import DuplicateKind
from worker.stages.deduplicate import Decision, Fingerprint, Sketch
from worker.state.stories.contract import Member
from worker.state.stories.held import Held
from worker.state.stories.row import KINDS, REASONS, Row


class Finding(NamedTuple):
    """How an article stands to what is held, before it is known whether that is settled."""

    kind: DuplicateKind
    reason: str | None = None
    story: Held | None = None
    how: Decision = Decision("new")


def row_of(found: Finding, story: Held, of: int, fp: Fingerprint) -> Row:
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
        shown=(
            *_three([fp.anchors[place] & 0xFFFF for place in how.places]),
            *_three(how.numbers),
            *_three(how.only_here),
        ),
    )


def _three(values: Sequence[int]) -> tuple[int, ...]:
    return (*values, 0, 0, 0)[:3]


def sketch_of(fp: Fingerprint) -> Sketch:
    return Sketch(fp.words, fp.numbers, fp.numbers_total, fp.is_excerpt)


def member_of(fp: Fingerprint, kind: DuplicateKind, now: float) -> Member:
    return Member(
        capture_id=fp.capture_id,
        kind=kind,
        site=fp.site,
        seen_at=datetime.fromtimestamp(fp.seen_at if fp.seen_at is not None else int(now), UTC),
        published_at=datetime.fromtimestamp(fp.published_at, UTC) if fp.published_at is not None else None,
        published_exactly=fp.published_exactly,
    )
