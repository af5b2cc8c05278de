"""Which place each mention denotes: persons out, containment, votes, priors."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import copy
from itertools import pairwise
from math import log10
from typing import NamedTuple

from worker.stages.classify.regions.gazetteer import (
    ADMIN,
    AFTER_COMMA,
    CAPITAL,
    CITY,
    COUNTRY,
    COUNTY,
    DEMONYM,
    FIRST_NAME,
    INSTITUTION,
    JOINT,
    LAST_NAME,
    LEADER,
    REGION,
    Entry,
    Gazetteer,
    Place,
    is_hamlet,
)
from worker.stages.classify.regions.match import Mention
from worker.stages.classify.regions.namesakes import places_only

# How much a mention of a kind says, by kind. From the design's measurements; currencies and leaders are kept small.
WEIGHT = (0.0, 1.0, 0.8, 0.8, 0.7, 0.6, 0.7, 0.25, 0.5, 1.0, 0.7)
CONTAINED_VOTE = 1.5
PUBLISHER_VOTE = 1.2
POUND_VOTE = 1.5  # sums in pounds, for the towns of Britain against their namesakes
VOTE_SHARE = 0.8
MAX_VOTES = 3.0
RIVAL_VOTES = 2.0  # against a capital of a million people: a Canadian story that names London means the one in England
LOCAL_BONUS = 1.0  # more for a town of the publisher's country in a state the story names: "Paris" in a Texan paper
STATE_BONUS = 0.3  # a state named in the story, for its own towns against those of other states
COUNTY_BONUS = 3.0  # a county of the town's own state: "Paris" beside "Lamar County" is the one in Texas
BIG_CAPITAL = 400_000  # people
# What speaks for a capital of a million people by itself: all votes for a country give its small towns 2.4, so a story
# of the United States that once names Paris means the one in France. 10 of 11 names that changed in half A were right.
GREAT_CAPITAL = 1_000_000  # people
LARGE_PROVINCE = 1_000_000  # people, as the gazetteer counts them: a state and not a province
LONE_PROVINCE = 1.2  # less for a province whose country nothing else names, against a town of that name
NEAR_GEORGIA = ("RU", "AM", "AZ")  # they speak for the country as its own names do
GEORGIA = 1.6  # the country's prior lies between a state's and a country's, so that context decides

_NAMES = (CAPITAL, ADMIN, CITY)
_WITHIN = re.compile(r", | \(|,\n|,? in (?:the )?(?:(?:north|south|east|west|central|upper|lower)\w* )?")
LONGEST_GAP = len(", in the northwestern ")


def resolve(
    mentions: Sequence[Mention], gazetteer: Gazetteer, publisher: str | None, year: int | None
) -> list[Mention]:
    """The mentions that denote a place, each with its `place`; joint mentions give one per country."""
    kept = places_only(mentions, gazetteer)
    _contain(kept)
    votes: Votes | None = None  # asked for only where a name may be several places, or a town
    meant: dict[Entry, Place | None] = {}  # a name not fixed by its neighbour means the same in the whole story
    resolved: list[Mention] = []
    for mention in kept:
        if mention.contained:
            resolved.append(mention)
            continue
        entry = mention.entry
        if entry.flags & JOINT:
            for joint in entry.places:
                twin = copy(mention)
                twin.place = joint
                resolved.append(twin)
            continue
        place = entry.sure
        if votes is None and (place is None or place.kind == CITY):
            votes = _votes(kept, publisher)
        if place is None and votes is not None:
            if entry not in meant:
                meant[entry] = _meant(entry, votes, publisher)
            place = meant[entry]
        if place is None or (place.kind == LEADER and year is not None and year < place.since):
            continue
        mention.place = place
        if votes is not None and place.admin in votes.counties and place.kind == CITY:
            mention.contained = True
        resolved.append(mention)
    return resolved


def _meant(entry: Entry, votes: Votes, publisher: str | None) -> Place | None:
    """The place a name denotes where nothing beside it fixes it; None when it may be any hamlet or a person."""
    places = entry.places
    if len(entry.large) < len(places):
        vouched = tuple([p for p in places if not is_hamlet(p) or _is_vouched(p, votes, publisher)])
        if not vouched and (len({p.country for p in places}) > 1 or entry.flags & (FIRST_NAME | LAST_NAME)):
            return None
        places = vouched or places
    return places[0] if len(places) == 1 else _likeliest(places, votes)


class Votes(NamedTuple):
    """What the clear names of a story say about its unclear ones."""

    countries: Mapping[str, float]
    states: AbstractSet[str]  # ISO 3166-2 of the states and provinces named
    counties: AbstractSet[str]  # ISO 3166-2 of the states that have the counties named
    publisher: str | None  # the publisher's country


def _is_vouched(place: Place, votes: Votes, publisher: str | None) -> bool:
    return place.country == publisher or place.admin in votes.states or place.admin in votes.counties


def _likeliest(places: Sequence[Place], votes: Votes) -> Place:
    most = RIVAL_VOTES if _is_great(places[0]) else MAX_VOTES  # a capital stands before the towns of its name
    scores = [_likely(place, votes, most) for place in places]
    top = max(scores)
    best = places[scores.index(top)]  # of two that are alike, the first of the gazetteer
    if best.kind == COUNTY and scores.count(top) > 1:
        return best._replace(admin="")  # several states have a county of this name
    return best


def _is_great(place: Place) -> bool:
    return place.kind == CAPITAL and place.population >= GREAT_CAPITAL


def _likely(place: Place, votes: Votes, most: float) -> tuple[float, int]:
    """How likely a place is meant; of two that are as likely, the larger: "Florida" alone is not Uruguay's.

    `most` votes of its country count, all of them for a town of the publisher's country or in a state the story names.
    """
    score = _prior(place)
    if place.country == votes.publisher or place.admin in votes.states:
        most = MAX_VOTES
    vote = votes.countries.get(place.country, 0.0)
    if place.country == "GE" and place.kind == COUNTRY:
        vote += max(votes.countries.get(country, 0.0) for country in NEAR_GEORGIA)
    if vote:
        score += VOTE_SHARE * min(most, vote)
    elif place.kind == ADMIN and place.population < LARGE_PROVINCE:
        score -= LONE_PROVINCE
    if place.admin in votes.states:
        score += STATE_BONUS
        if place.kind == CITY and place.country == votes.publisher:
            score += LOCAL_BONUS
    if place.kind == CITY and place.admin in votes.counties:
        score += COUNTY_BONUS
    return score, place.population


def _votes(mentions: Sequence[Mention], publisher: str | None) -> Votes:
    countries: defaultdict[str, float] = defaultdict(float)
    states: set[str] = set()
    counties: set[str] = set()
    for mention in mentions:
        place = mention.place
        if mention.contained and place is not None:
            countries[place.country] += CONTAINED_VOTE * WEIGHT[place.kind]
            states.add(place.admin)
            continue
        entry = mention.entry
        if not entry.country:
            continue
        first = entry.large[0]
        kind = first.kind
        countries[entry.country] += WEIGHT[kind]
        if kind == COUNTY:
            counties |= entry.states
        elif kind == ADMIN:
            states.add(first.admin)
    if publisher:
        countries[publisher] += PUBLISHER_VOTE
    if "£" in mentions[-1].text:  # of the last field, the text
        countries["GB"] += POUND_VOTE
    states.discard("")
    return Votes(countries, states, counties, publisher)


def _prior(place: Place) -> float:
    kind = place.kind
    if kind == CITY:  # most
        return max(0.0, log10(place.population or 1) - 4.2)
    if kind in (COUNTRY, DEMONYM):
        return GEORGIA if place.country == "GE" else 3.0
    if kind == CAPITAL:
        if _is_great(place):
            return 3.5
        return 2.5 if place.population >= BIG_CAPITAL else 1.0
    return _PRIORS.get(kind, 1.0)


_PRIORS = {ADMIN: 1.5, INSTITUTION: 2.0, LEADER: 2.0, REGION: 1.0}


def _contain(mentions: Sequence[Mention]) -> None:
    """Let "Birmingham, Ala." and "Lima, Peru" fix their first name by their second."""
    for inner, outer in pairwise(mentions):
        end, start = inner.end, outer.start
        if not end < start <= end + LONGEST_GAP or inner.field != outer.field:
            continue
        gap = inner.text[end:start]
        if not _WITHIN.fullmatch(gap) or inner.entry.flags & (JOINT | AFTER_COMMA):
            continue
        wider = [p for p in outer.entry.places if p.kind in (COUNTRY, ADMIN, COUNTY)]
        narrower = [p for p in inner.entry.places if p.kind in (CITY, CAPITAL, ADMIN, COUNTY)]
        sure = outer.entry.flags & AFTER_COMMA or (gap == ", " and wider and _is_aside(outer))
        if not wider or not (narrower or (sure and inner.entry.places[0].kind == COUNTRY)):
            continue
        inside = [(p, w) for p in narrower for w in wider if _holds(w, p)]
        if inside:
            place, holder = max(inside, key=lambda pair: pair[0].population)
            inner.place, inner.contained = place, True
            outer.place, outer.contained = holder, True
        elif sure or all(p.kind != COUNTRY for p in inner.entry.places):
            holder = wider[0]
            inner.place, inner.contained = Place(CITY, holder.country, holder.admin, 0, 0), True


def _is_aside(outer: Mention) -> bool:
    """Whether a state stands between commas and in no list: "Cuba, Missouri, painted", not "Cuba, Missouri, and"."""
    if outer.entry.places[0].kind != ADMIN:
        return False
    comma, _, rest = outer.text[outer.end : outer.end + 8].partition(" ")
    return comma == "," and rest[:1].islower() and rest.partition(" ")[0] not in ("and", "or")


def _holds(wider: Place, narrower: Place) -> bool:
    """Whether the one place lies inside the other."""
    if wider.country != narrower.country:
        return False
    return wider.kind == COUNTRY or (wider.admin == narrower.admin and narrower.kind not in (ADMIN, COUNTY))
