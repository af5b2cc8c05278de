"""How much each country is spoken of: weights by kind and position, support, two tiers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

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
SPEAKER = 0.5  # a country whose officials speak or travel, against one where things happen (judgement)
COIN = 0.3  # "Swiss franc": as little as a currency's own name
SHORTEST_SPEAKER = min(map(len, SPEAKERS))
_SPEAKERS_BEGIN = frozenset(word[:3] for word in SPEAKERS | MONEY)
SUPPORT_BELOW = 500_000  # people
SMALL = 100_000  # people


_SELDOM_ALONE = (CAPITAL, CITY, ADMIN)  # one such name says nothing where no other speaks for its country


class Weighed(NamedTuple):
    """A resolved mention with its share in the verdict."""

    mention: Mention
    country: str
    weight: float
    strong: bool
    dateline: bool


def weigh(mentions: Sequence[Mention], dateline_end: int, lead_from: int, publisher: str | None) -> list[Weighed]:
    """Each mention of a country with its weight; strong ones only, or weak ones where nothing is strong."""
    supported: set[str] | None = None
    strong: list[Weighed] = []
    weak: list[Weighed] = []
    for mention in mentions:
        place = mention.place
        if place is None or place.kind == REGION:
            continue
        in_dateline = mention.field == "dateline" or (mention.field == "text" and mention.start < dateline_end)
        position = _position(mention, in_dateline, lead_from)
        alone = place.kind in _SELDOM_ALONE and _needs_support(mention, place, publisher)
        if alone and not is_hamlet(place):
            if supported is None:
                supported = _supported(mentions)
            located = in_dateline and place.kind == CAPITAL
            alone = not located and place.country not in supported
        if not alone:
            weight = WEIGHT[place.kind] * position * _part(mention)
            strong.append(Weighed(mention, place.country, weight, True, in_dateline))
        elif not _is_rather_a_person(mention, place):
            weight = WEIGHT[place.kind] * min(position, HEADLINE)
            if place.kind != ADMIN and place.population <= SMALL:
                weight /= 2
            weak.append(Weighed(mention, place.country, weight, False, in_dateline))
    for item in strong:
        if item.mention.place is not None and item.mention.place.kind not in (CURRENCY, LEADER):
            return _without_asides(strong)
    return strong + weak


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
            surfaces[place.country].add(mention.surface.lower())
    return {country for country, names in surfaces.items() if len(names) > 1}


def boosted(weighed: Sequence[Weighed], boosts: Mapping[str, float]) -> Sequence[Weighed]:
    """The mentions with the owner's factors on their weights; a country at 0 is never named."""
    if not boosts:
        return weighed
    raised = (item._replace(weight=item.weight * boosts.get(item.country, 1.0)) for item in weighed)
    return [item for item in raised if item.weight > 0]


def _without_asides(weighed: list[Weighed]) -> list[Weighed]:
    """Leave out the country that one adjective names, once and far down: "włoski dziennik" is not about Italy.

    Where adjectives are written small only. Slavic precision +2 to +6, F1 +1 to +3 (the gold has no adjectives).
    """
    asides = [item for item in weighed if _is_aside(item.mention)]
    if not asides:
        return weighed
    times = Counter(item.country for item in weighed)
    once = {item.country for item in asides if times[item.country] == 1}
    return [item for item in weighed if item.country not in once] or weighed


def _is_aside(mention: Mention) -> bool:
    if mention.field != "text" or mention.start < LEAD_CHARS or mention.place is None:
        return False
    return mention.place.kind == DEMONYM and mention.surface[0].islower()


def _part(mention: Mention) -> float:
    """The part of its weight a name has that says whose officials speak, "U.S. officials", or in what money is paid."""
    text, start, end = mention.text, mention.start, mention.end
    if text[end + 1 : end + 4].lower() in _SPEAKERS_BEGIN:
        after = text[end + 1 : end + 15].partition(" ")[0].rstrip(".,;:").lower()
        if after in SPEAKERS:
            return SPEAKER
        if after in MONEY:
            return COIN
    before = text[max(0, start - 15) : start].rstrip(" ").rpartition(" ")[2]
    return SPEAKER if len(before) >= SHORTEST_SPEAKER and before.lower() in SPEAKERS else 1.0


def _position(mention: Mention, in_dateline: bool, lead_from: int) -> float:
    if mention.field == "headline":
        return HEADLINE
    if in_dateline:
        return DATELINE
    if mention.field != "text":
        return SECTION
    return LEAD if mention.start - lead_from < LEAD_CHARS else 1.0


def _needs_support(mention: Mention, place: Place, publisher: str | None) -> bool:
    if mention.contained or mention.entry.flags & OWN or place.country == publisher:
        return False
    if place.kind == CAPITAL and place.population >= BIG_CAPITAL:
        return bool(mention.entry.flags & FIRST_NAME)
    if mention.entry.flags & (FIRST_NAME | LAST_NAME) and " " not in mention.surface:
        return True
    return place.population < SUPPORT_BELOW
