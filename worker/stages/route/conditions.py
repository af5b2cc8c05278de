"""Whether a condition holds for an article, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

from worker.models import RegionScore, TopicLabel, TopicScore
from worker.rules import Condition
from worker.stages.classify.regions.m49 import m49_code, region_members
from worker.stages.route.facts import Facts, pattern


class TopicTree(Protocol):
    """The vocabulary of topics."""

    def __contains__(self, code: str) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...

    def label(self, code: str) -> str:
        """What `code` is called in English."""
        ...

    def is_within(self, code: str, parent: str) -> bool:
        """Whether `code` is `parent` or stands below it."""
        ...


class Judged(NamedTuple):
    holds: bool
    because: str  # what held, or the first that did not


def judge(when: Condition, facts: Facts, topics: TopicTree) -> Judged:
    """Whether all that `when` says holds."""
    reasons = []
    for judged in _parts(when, facts, topics):
        if not judged.holds:
            return judged
        reasons.append(judged.because)
    return Judged(True, ", ".join(reasons) or "every article")


def covers(area: str, code: str) -> bool:
    """Whether a region named in a rule holds the region of a verdict.

    >>> covers("region:south-america", "VE"), covers("US", "US-FL"), covers("US-FL", "US")
    (True, True, False)
    """
    if area == code:
        return True
    if m49_code(area) is not None:
        return code[:2] in region_members(area)
    return code.startswith(f"{area}-")


@lru_cache(maxsize=256)
def instant(text: str) -> datetime:
    """A date (midnight UTC) or time of a rule. Raises ValueError when it is neither in ISO 8601."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _parts(when: Condition, facts: Facts, topics: TopicTree) -> Iterator[Judged]:
    yield from _regions(when, facts)
    yield from _topics(when, facts, topics)
    yield from _facts(when, facts)
    yield from _text(when, facts)
    for inner in when.all:
        yield judge(inner, facts, topics)
    if when.any:
        tried = [judge(inner, facts, topics) for inner in when.any]
        held = next((one for one in tried if one.holds), None)
        yield held or Judged(False, "none of: " + "; ".join(one.because for one in tried))
    if when.not_ is not None:
        holds, because = judge(when.not_, facts, topics)
        yield Judged(not holds, f"not: {because}")


def _regions(when: Condition, facts: Facts) -> Iterator[Judged]:
    least = when.min_region_score or 0.0
    primary = [region for region in facts.clean.regions.about if region.code == facts.clean.regions.primary]
    asked = (
        ("primary region", when.primary_region, primary),
        ("region", when.regions, facts.about),
        ("region named", when.mentions, facts.named),
    )
    for what, wanted, found in asked:
        if wanted:
            yield _coded(what, wanted, found, covers, least)
    if when.min_region_score is not None and not (when.primary_region or when.regions or when.mentions):
        yield _score("region", primary, least)


def _topics(when: Condition, facts: Facts, topics: TopicTree) -> Iterator[Judged]:
    least = when.min_topic_score or 0.0

    def within(parent: str, code: str) -> bool:
        return topics.is_within(code, parent)

    for what, wanted, found in (
        ("primary topic", when.primary_topic, facts.primary_topics),
        ("topic", when.topics, facts.topics),
    ):
        if wanted:
            yield _coded(what, wanted, found, within, least)
    if when.min_topic_score is not None and not (when.primary_topic or when.topics):
        yield _score("topic", facts.primary_topics[:1], least)


def _coded(
    what: str,
    wanted: Sequence[str],
    found: Sequence[RegionScore | TopicScore | TopicLabel],
    holds: Callable[[str, str], bool],
    least: float,
) -> Judged:
    """Any of the codes `wanted` among those `found`, with at least this score."""
    weak = None
    for one in found:
        area = next((area for area in wanted if holds(area, one.code)), None)
        if area is None:
            continue
        if one.score >= least:
            inside = "" if area == one.code else f" in {area}"
            return Judged(True, f"{what} {_named(one)}{inside}")
        weak = weak or one
    if weak is not None:
        return Judged(False, f"{what} {_named(weak)} has score {weak.score:.2f}, not {least:.2f}")
    has = ", ".join(_named(one) for one in found[:3]) or "none"
    return Judged(False, f"{what} is {has}, not {_list(wanted)}")


def _score(what: str, primary: Sequence[RegionScore | TopicScore | TopicLabel], least: float) -> Judged:
    best = primary[0].score if primary else 0.0
    sign = "≥" if best >= least else "<"
    return Judged(best >= least, f"{what} score {best:.2f} {sign} {least:.2f}")


def _facts(when: Condition, facts: Facts) -> Iterator[Judged]:
    article = facts.article
    if when.languages:
        held = any(article.language == wanted or article.language.startswith(f"{wanted}-") for wanted in when.languages)
        yield _is("language", held, article.language, when.languages)
    if when.sources:
        yield _is("source", article.capture.source in when.sources, article.capture.source, when.sources)
    if when.publishers:
        ours = [name for name in when.publishers if _publishes(name.casefold(), facts.publishers)]
        has = ours[0] if ours else ", ".join(sorted(facts.publishers)) or "unknown"
        yield _is("publisher", bool(ours), has, when.publishers)
    if when.duplicates:
        kind = facts.clean.duplicate.kind
        yield _is("duplicate kind", kind in when.duplicates, kind, when.duplicates)
    if when.flags:
        held_flags = [flag for flag in when.flags if flag in article.quality.flags]
        has = held_flags[0] if held_flags else ", ".join(article.quality.flags) or "none"
        yield _is("flag", bool(held_flags), has, when.flags)
    if when.is_excerpt is not None:
        names = {True: "an excerpt", False: "a whole text"}
        yield Judged(article.is_excerpt == when.is_excerpt, names[article.is_excerpt])


def _text(when: Condition, facts: Facts) -> Iterator[Judged]:
    if when.min_words is not None:
        held = facts.words >= when.min_words
        yield Judged(held, f"{facts.words} words {'≥' if held else '<'} {when.min_words}")
    if when.max_words is not None:
        held = facts.words <= when.max_words
        yield Judged(held, f"{facts.words} words {'≤' if held else '>'} {when.max_words}")
    published = facts.article.published_at
    if when.published_after is not None:
        held = published is not None and published >= instant(when.published_after)
        yield Judged(held, _dated(published, "since" if held else "not since", when.published_after))
    if when.published_before is not None:
        held = published is not None and published < instant(when.published_before)
        yield Judged(held, _dated(published, "before" if held else "not before", when.published_before))
    if when.words:
        found = next((phrase for phrase in when.words if pattern(phrase).search(facts.reading)), None)
        yield Judged(found is not None, f"says “{found}”" if found else f"does not say {_list(when.words)}")


def _is(what: str, held: bool, has: str, wanted: Iterable[str]) -> Judged:
    return Judged(held, f"{what} {has}" if held else f"{what} is {has}, not {_list(wanted)}")


def _publishes(name: str, publishers: frozenset[str]) -> bool:
    return name in publishers or any(known.endswith(f".{name}") for known in publishers)


def _dated(published: datetime | None, how: str, when: str) -> str:
    return "no date" if published is None else f"published {published.date()}, {how} {when}"


def _named(one: RegionScore | TopicScore | TopicLabel) -> str:
    name = one.name if isinstance(one, RegionScore) else one.label
    return f"{one.code} ({name})" if name and name != one.code else one.code


def _list(wanted: Iterable[str]) -> str:
    names = list(wanted)
    shown = names[:5] + (["…"] if len(names) > 5 else [])
    return " or ".join(shown)
