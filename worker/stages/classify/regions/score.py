"""How much each country is spoken of: weights by kind and position, support, two tiers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from worker.stages.classify.regions.gazetteer import (
    ADMIN,
    CAPITAL,
    CITY,
    CURRENCY,
    DEMONYM,
    FIRST_NAME,
    LAST_NAME,
    LEADER,
    OWN,
    REGION,
    Place,
    is_hamlet,
)
from worker.stages.classify.regions.match import Mention
from worker.stages.classify.regions.resolve import BIG_CAPITAL, WEIGHT
from worker.stages.classify.regions.words import MONEY, SPEAKERS

HEADLINE = 3.0
DATELINE = 6.0  # instead of 2: +2 to +3 points of primary on wire copy, none lost elsewhere (design note)
LEAD = 2.0
LEAD_CHARS = 400
SECTION = 2.0
_POSITIONS = {"headline": HEADLINE, "dateline": DATELINE}
SPEAKER = 0.5  # a country whose officials speak or travel, against one where things happen (judgement)
COIN = 0.3  # "Swiss franc": as little as a currency's own name
_SPEAKERS_BEGIN = frozenset(word[:3] for word in SPEAKERS | MONEY)
_SPEAKERS_END = frozenset(word[-3:] for word in SPEAKERS)
SUPPORT_BELOW = 500_000  # people
SMALL = 100_000  # people


_SLIGHT = (CURRENCY, LEADER)  # say little without a name of another kind
_SELDOM_ALONE = (CAPITAL, CITY, ADMIN)  # one such name says nothing where no other speaks for its country


def weigh(mentions: Sequence[Mention], dateline_end: int, lead_from: int, publisher: str | None) -> list[Mention]:
    """The mentions of a country, each with its weight; only those that speak for themselves, where any says much."""
    supported: set[str] | None = None
    strong: list[Mention] = []
    weak: list[Mention] = []
    asides: set[str] = set()
    lead_end = lead_from + LEAD_CHARS
    slight = True
    for mention in mentions:
        place = mention.place
        if place is None:
            continue
        kind, country = place.kind, place.country
        mention.country = country
        if kind == REGION:
            continue
        if mention.field == "text":
            in_dateline = mention.start < dateline_end
            position = DATELINE if in_dateline else LEAD if mention.start < lead_end else 1.0
        else:
            in_dateline = mention.field == "dateline"
            position = _POSITIONS.get(mention.field, SECTION)
        alone = kind in _SELDOM_ALONE and _needs_support(mention, place, publisher)
        if alone and not is_hamlet(place):
            if supported is None:
                supported = _supported(mentions)
            located = in_dateline and kind == CAPITAL
            alone = not located and country not in supported
        mention.strong = not alone
        mention.in_dateline = in_dateline
        if not alone:
            mention.weight = WEIGHT[kind] * position * _part(mention)
            strong.append(mention)
            if kind not in _SLIGHT:
                slight = False
            if kind == DEMONYM and _is_aside(mention):
                asides.add(country)
        elif not _is_rather_a_person(mention, place):
            mention.weight = WEIGHT[kind] * min(position, HEADLINE)
            if kind != ADMIN and place.population <= SMALL:
                mention.weight /= 2
            weak.append(mention)
    if slight:
        return strong + weak
    return _without(asides, strong) if asides else strong


def _is_rather_a_person(mention: Mention, place: Place) -> bool:
    """Whether a small capital or town is better known as a name of people: "Hamilton", "Douglas", "Virginia"."""
    if place.population > SMALL:
        return False
    named = FIRST_NAME | LAST_NAME if place.kind == CAPITAL else FIRST_NAME if place.kind == CITY else 0
    return bool(mention.entry.flags & named)


def _supported(mentions: Sequence[Mention]) -> set[str]:
    """The countries that two different names speak for; a hamlet's does not count."""
    surfaces: defaultdict[str, set[str]] = defaultdict(set)
    for mention in mentions:
        place = mention.place
        if place is not None and place.kind not in (REGION, CURRENCY) and not is_hamlet(place):
            surfaces[place.country].add(mention.surface)
    return {country for country, names in surfaces.items() if len(names) > 1 and len(set(map(str.lower, names))) > 1}


def boosted(weighed: Sequence[Mention], boosts: Mapping[str, float]) -> Sequence[Mention]:
    """The mentions with the owner's factors on their weights; a country at 0 is never named."""
    if not boosts:
        return weighed
    for mention in weighed:
        mention.weight *= boosts.get(mention.country, 1.0)
    return [mention for mention in weighed if mention.weight > 0]


def _without(asides: set[str], weighed: list[Mention]) -> list[Mention]:
    """Leave out the country that one adjective names, once and far down: "włoski dziennik" is not about Italy.

    Where adjectives are written small only. Slavic precision +2 to +6, F1 +1 to +3 (the gold has no adjectives).
    """
    times = Counter([mention.country for mention in weighed])
    return [mention for mention in weighed if mention.country not in asides or times[mention.country] > 1] or weighed


def _is_aside(adjective: Mention) -> bool:
    return adjective.field == "text" and adjective.start >= LEAD_CHARS and adjective.surface[0].islower()


def _part(mention: Mention) -> float:
    """The part of its weight a name has that says whose officials speak, "U.S. officials", or in what money is paid."""
    text, start, end = mention.text, mention.start, mention.end
    if text[end + 1 : end + 4].lower() in _SPEAKERS_BEGIN:
        after = text[end + 1 : end + 15].partition(" ")[0].rstrip(".,;:").lower()
        if after in SPEAKERS:
            return SPEAKER
        if after in MONEY:
            return COIN
    before = text[start - 15 if start > 15 else 0 : start].rstrip(" ")
    if before[-3:].lower() in _SPEAKERS_END and before.rpartition(" ")[2].lower() in SPEAKERS:
        return SPEAKER
    return 1.0


def _needs_support(mention: Mention, place: Place, publisher: str | None) -> bool:
    if mention.contained or mention.entry.flags & OWN or place.country == publisher:
        return False
    if place.kind == CAPITAL and place.population >= BIG_CAPITAL:
        return bool(mention.entry.flags & FIRST_NAME)
    if mention.entry.flags & (FIRST_NAME | LAST_NAME) and " " not in mention.surface:
        return True
    return place.population < SUPPORT_BELOW
