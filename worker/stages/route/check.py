"""What is wrong with routes, seen without an article: unknown codes, rules that no article can reach."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence

from worker.models import DuplicateKind
from worker.rules import Condition, Route
from worker.stages.classify.regions.m49 import BY_SLUG, is_known
from worker.stages.route.conditions import TopicTree, covers, instant
from worker.stages.route.facts import NEVER_ROUTED, ON_REQUEST

Covers = Callable[[str, str], bool]
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def problems(routes: Sequence[Route], topics: TopicTree) -> list[str]:
    """A sentence for each thing that cannot be meant, in the order of the routes; none when all is well."""
    found = []
    for place, rule in enumerate(routes):
        own = [*_codes(rule.when, topics), *_impossible(rule.when, rule)]
        shadow = next((earlier for earlier in routes[:place] if _shadows(earlier, rule, topics)), None)
        if shadow is not None and not own:
            own.append(f"is never reached: {shadow.name!r} above takes all it could take")
        found += [f"route {rule.name!r} {problem}" for problem in own]
    return found


def _codes(when: Condition, topics: TopicTree) -> Iterator[str]:
    for code in (*when.regions, *when.primary_region, *when.mentions):
        if not is_known(code):
            yield f"names an unknown region {code!r}{_meant(code)}"
    for code in (*when.topics, *when.primary_topic):
        if code not in topics:
            yield f"names an unknown topic {code!r}{_topic_meant(code, topics)}"
    for tag in when.languages:
        if not _LANGUAGE.fullmatch(tag):
            yield f"names a language {tag!r}; languages are BCP 47 tags such as 'es' or 'pt-BR'"
    for moment in (when.published_after, when.published_before):
        if moment is not None and not _is_instant(moment):
            yield f"names a date {moment!r}; dates are such as '2026-01-31' or '2026-01-31T12:00:00Z'"
    for phrase in when.words:
        if not phrase.strip(" *"):
            yield f"names an empty word {phrase!r}"
    for inner in _inner(when):
        yield from _codes(inner, topics)


def _meant(code: str) -> str:
    if code.upper() != code and is_known(code.upper()):
        return f"; did you mean {code.upper()!r}?"
    close = difflib.get_close_matches(code.removeprefix("region:"), BY_SLUG, n=1)
    return f"; did you mean 'region:{close[0]}'?" if close else "; regions are such as 'VE', 'US-FL', 'm49:005'"


def _topic_meant(code: str, topics: TopicTree) -> str:
    """The topic that is called so, else the one whose code or name is written nearly so."""
    typed = code.casefold().removeprefix("medtop:")
    names = {topics.label(known).casefold(): known for known in reversed(list(topics))}  # of namesakes the highest
    digits = {known.removeprefix("medtop:"): known for known in topics}
    among, cutoff = (digits, 0.9) if typed.isdecimal() else (names, 0.75)  # one digit of eight too few, not two
    close = [typed] if typed in among else difflib.get_close_matches(typed, among, n=2, cutoff=cutoff)
    if not close:
        return "; topics are IPTC Media Topics such as 'medtop:11000000'"
    meant = (f"{known!r} ({topics.label(known)})" for known in map(among.__getitem__, close))
    return f"; did you mean {' or '.join(meant)}?"


def _impossible(when: Condition, rule: Route) -> Iterator[str]:
    if when.min_words is not None and when.max_words is not None and when.min_words > when.max_words:
        yield f"wants at least {when.min_words} and at most {when.max_words} words"
    after, before = when.published_after, when.published_before
    if after and before and _is_instant(after) and _is_instant(before) and instant(after) >= instant(before):
        yield f"wants what was published since {after} and before {before}"
    if when.duplicates and not any(_may_reach(kind, rule) for kind in when.duplicates):
        asked = [kind for kind in when.duplicates if kind in ON_REQUEST]
        hint = f"; ask for it beside `when`: duplicates = {asked}" if asked else ""
        yield f"wants only copies that never reach it: {', '.join(when.duplicates)}{hint}"


def _may_reach(kind: DuplicateKind, rule: Route) -> bool:
    return kind not in NEVER_ROUTED and (kind not in ON_REQUEST or kind in rule.duplicates)


def _is_instant(text: str) -> bool:
    try:
        instant(text)
    except ValueError:
        return False
    return True


def _inner(when: Condition) -> tuple[Condition, ...]:
    return (*when.all, *when.any, *((when.not_,) if when.not_ is not None else ()))


def _shadows(earlier: Route, later: Route, topics: TopicTree) -> bool:
    """Whether `earlier` surely takes whatever `later` could. When in doubt, no."""
    if earlier.continue_ or not set(later.duplicates) <= set(earlier.duplicates):
        return False
    return _implied(earlier.when, later.when, topics)


def _implied(wide: Condition, narrow: Condition, topics: TopicTree) -> bool:
    """Whether all articles for which `narrow` holds are articles for which `wide` holds."""
    if any(_implied(wide, inner, topics) for inner in narrow.all):
        return True
    if wide.any and not any(_implied(inner, narrow, topics) for inner in wide.any) and wide.any != narrow.any:
        return False
    if wide.not_ is not None and wide.not_ != narrow.not_:
        return False
    if not all(_implied(inner, narrow, topics) for inner in wide.all):
        return False
    scores = (wide.min_region_score, wide.min_topic_score)
    if any(scores) and scores != (narrow.min_region_score, narrow.min_topic_score):
        return False
    return (
        _narrower(wide.regions, narrow.regions or narrow.primary_region, covers)
        and _narrower(wide.primary_region, narrow.primary_region, covers)
        and _narrower(wide.mentions, narrow.mentions or narrow.regions or narrow.primary_region, covers)
        and _narrower(wide.topics, narrow.topics or narrow.primary_topic, lambda a, b: topics.is_within(b, a))
        and _narrower(wide.primary_topic, narrow.primary_topic, lambda a, b: topics.is_within(b, a))
        and _narrower(wide.languages, narrow.languages, lambda a, b: a == b or b.startswith(f"{a}-"))
        and _narrower(wide.sources, narrow.sources)
        and _narrower(wide.publishers, narrow.publishers)
        and _narrower(wide.duplicates, narrow.duplicates)
        and _narrower(wide.flags, narrow.flags)
        and _narrower(wide.words, narrow.words)
        and wide.is_excerpt in {None, narrow.is_excerpt}
        and (wide.min_words is None or (narrow.min_words is not None and narrow.min_words >= wide.min_words))
        and (wide.max_words is None or (narrow.max_words is not None and narrow.max_words <= wide.max_words))
        and wide.published_after in {None, narrow.published_after}
        and wide.published_before in {None, narrow.published_before}
    )


def _narrower(wide: Sequence[str], narrow: Sequence[str], covers_: Covers | None = None) -> bool:
    """Whether a list of wanted codes asks for no more than another; an empty list asks for anything."""
    if not wide:
        return True
    holds = covers_ or str.__eq__
    return bool(narrow) and all(any(holds(area, code) for area in wide) for code in narrow)
