"""The decision by shared passages. `judge.lua` beside the story index says the same; a property test compares them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from worker.rules import DedupRules
from worker.stages.deduplicate.fingerprint import is_of

MAX_CANDIDATES = 8  # stories compared by number and length; the true one never stood lower than third

UNRANKED = 31
SHOWN = 3  # passages and numbers told as evidence
NOT_SHORTER = 0.9  # words of a copy / words of the held text, to stand for the story instead (judgement)

TextKind = Literal["new", "near_copy", "excerpt", "supersedes", "contained", "related"]


class Sketch(NamedTuple):
    """What is compared of a text besides its anchors."""

    words: int
    numbers: tuple[int, ...]  # ascending; the smallest of the full set
    numbers_total: int
    is_excerpt: bool = False


class Fresh(NamedTuple):
    """What of a text its site has not shown before."""

    places: frozenset[int]  # of its anchors alive in such paragraphs
    words: int  # of such paragraphs


class Source(NamedTuple):
    """Where a text comes from, as far as it decides which copy stands for the story."""

    site: str
    rank: int  # among the owner's publishers; 0 is the best, UNRANKED is none of them
    origin: str | None  # another site the page names as the original publisher
    published_at: int | None  # seconds, where it is told to the minute


class Candidate(NamedTuple):
    """A held story that shares anchors with the text in question."""

    story: int  # its number: smaller is older
    sketch: Sketch
    live: int  # its anchors that are not dead
    shared: frozenset[int]  # places of the text's anchors that it owns too, alive
    same_site: bool = False


class Decision(NamedTuple):
    kind: TextKind
    story: int | None = None  # the story it was matched with
    shared: int = 0
    live: int = 0  # the anchors of the smaller text
    compared: int = 0
    agreed: int = 0
    places: tuple[int, ...] = ()  # of shared anchors, a few of them for evidence
    numbers: tuple[int, ...] = ()  # that agree, a few of them
    only_here: tuple[int, ...] = ()  # numbers the other text lacks, a few of them


class _Match(NamedTuple):
    candidate: Candidate
    shared: int
    live: int
    compared: int
    agreed: tuple[int, ...]
    only_here: tuple[int, ...]

    @property
    def similarity(self) -> float:
        return self.shared / self.live


def judge(text: Sketch, live: int, fresh: Fresh, candidates: Sequence[Candidate], rules: DedupRules) -> Decision:
    """How a text with `live` anchors alive stands to the stories that share some of them.

    Containment of anchors decides, so an excerpt is found in its original. Texts whose numbers disagree were made
    from one template and are two stories; so are texts of one site that share nothing fresh and hold something of
    their own: there it is the page that is alike.
    """
    ranked = sorted(candidates, key=lambda c: (-len(c.shared), c.story))[:MAX_CANDIDATES]
    matches = [match for c in ranked if (match := _compare(text, live, fresh, c, rules)) is not None]
    same = [match for match in matches if match.similarity >= _need(match, rules)]
    if not same:
        grey = [match for match in matches if match.similarity >= rules.related_at]
        return _decision("related", min(grey, key=_rank)) if grey else Decision("new")
    best = min(same, key=_rank)
    return _decision(_kind(text, best, same, rules), best)


def rank_of(site: str, publishers: Sequence[str]) -> int:
    """The place of a site among the owner's publishers."""
    return next((rank for rank, domain in enumerate(publishers) if is_of(site, domain)), UNRANKED)


def better(
    text: Source, held: Source, rules: DedupRules
) -> Literal["better_source", "original_source", "published_earlier"] | None:
    """Why a copy, not shorter than the held text, should stand for the story instead of it; None when it should not."""
    if text.rank != held.rank:
        return "better_source" if text.rank < held.rank else None
    if held.origin is not None and is_of(text.site, held.origin) and text.site != held.site:
        return "original_source"
    if text.origin is not None or not rules.earlier_by_s or text.published_at is None or held.published_at is None:
        return None
    return "published_earlier" if text.published_at + rules.earlier_by_s <= held.published_at else None


def numbers_agree(a: Sketch, b: Sketch) -> tuple[int, tuple[int, ...]]:
    """How many numbers can be compared, and those that agree, from the smallest hashes of two sets.

    Of the smaller set only what the other's sample could have held is compared: where it was cut, hashes above
    its largest say nothing.
    """
    small, large = (a, b) if a.numbers_total <= b.numbers_total else (b, a)
    comparable = small.numbers
    if large.numbers_total > len(large.numbers) and large.numbers:
        comparable = tuple(n for n in small.numbers if n <= large.numbers[-1])
    return len(comparable), tuple(sorted(set(comparable) & set(large.numbers)))


def only_in(text: Sketch, held: Sketch) -> tuple[int, ...]:
    """The numbers of a text that another lacks, as far as the other's sample can tell."""
    cut = held.numbers_total > len(held.numbers)
    last = held.numbers[-1] if cut and held.numbers else 0xFFFF
    return tuple([n for n in text.numbers if n <= last and n not in held.numbers])


def _compare(text: Sketch, live: int, fresh: Fresh, candidate: Candidate, rules: DedupRules) -> _Match | None:
    shared = len(candidate.shared)
    if shared < rules.min_anchors:
        return None
    own = min(fresh.words, candidate.sketch.words - (text.words - fresh.words))
    if candidate.same_site and own >= rules.min_fresh_words and fresh.places.isdisjoint(candidate.shared):
        return None
    compared, agreed = numbers_agree(text, candidate.sketch)
    if compared >= rules.min_numbers and len(agreed) < rules.numbers_agree_at * compared:
        return None
    smaller = max(min(live, candidate.live), shared)
    return _Match(candidate, shared, smaller, compared, agreed, only_in(text, candidate.sketch))


def _need(match: _Match, rules: DedupRules) -> float:
    return rules.same_at if match.shared >= rules.few_anchors else rules.few_same_at


def _rank(match: _Match) -> tuple[float, int, int]:
    return -match.similarity, -match.shared, match.candidate.story


def _kind(text: Sketch, best: _Match, same: Sequence[_Match], rules: DedupRules) -> TextKind:
    ratio = text.words / max(1, best.candidate.sketch.words)
    if ratio < rules.excerpt_below:
        return "excerpt"
    if ratio <= rules.fuller_above:
        return "near_copy"
    others = (match.candidate for match in same if match is not best and not match.candidate.sketch.is_excerpt)
    too_long = (
        ratio > rules.digest_above and not best.candidate.sketch.is_excerpt
    )  # a teaser may be as short as it likes
    if too_long or any(_unrelated(best.candidate, other, rules) for other in others):
        return "contained"
    return "supersedes"


def _unrelated(a: Candidate, b: Candidate, rules: DedupRules) -> bool:
    """Whether two stories share different passages with the text: it quotes both."""
    return len(b.shared - a.shared) >= rules.min_anchors


def _decision(kind: TextKind, match: _Match) -> Decision:
    places = sorted(match.candidate.shared)
    shown = sorted({places[0], places[len(places) // 2], places[-1]})
    return Decision(
        kind,
        match.candidate.story,
        match.shared,
        match.live,
        match.compared,
        len(match.agreed),
        tuple(shown),
        match.agreed[:SHOWN],
        match.only_here[:SHOWN],
    )
