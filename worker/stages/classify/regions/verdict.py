"""Weights made into ranked, explained scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TypedDict

from worker.stages.classify.regions.gazetteer import KINDS
from worker.stages.classify.regions.match import Mention

_WEIGHT = attrgetter("weight")
MAX_EVIDENCE = 3  # pieces kept for a code, the heaviest first; the score counts all
WEAK_SHARE = 0.5  # a verdict that rests on weak evidence alone says so in its scores


class EvidenceFacts(TypedDict):
    """What becomes a `RegionEvidence`: a verdict is validated as one, in half the time of its parts."""

    surface: str
    kind: str
    field: str
    start: int
    end: int
    tier: str


class ScoreFacts(TypedDict):
    """What becomes a `RegionScore`."""

    code: str
    name: str
    score: float
    role: str
    evidence: Sequence[EvidenceFacts]


def evidence(mention: Mention, *, strong: bool = True, dateline: bool = False) -> EvidenceFacts:
    """A mention as it travels in the verdict."""
    place = mention.place
    return {
        "surface": mention.surface,
        "kind": "dateline" if dateline else KINDS[place.kind] if place is not None else "",
        "field": mention.field,
        "start": mention.start,
        "end": mention.end,
        "tier": "strong" if strong else "weak",
    }


def by_country(weighed: Sequence[Mention]) -> dict[str, list[Mention]]:
    """Country → what speaks for it, both as the story names them."""
    found: defaultdict[str, list[Mention]] = defaultdict(list)
    for item in weighed:
        found[item.country].append(item)
    return found


def shares(countries: Mapping[str, Sequence[Mention]]) -> dict[str, float]:
    """Country → its share of all weight (0 to 1), the largest first, ties as the story names them."""
    sums = {country: sum(map(_WEIGHT, items)) for country, items in countries.items()}
    total = sum(sums.values())
    if total <= 0:
        return {}
    if not any(item.strong for items in countries.values() for item in items):
        total /= WEAK_SHARE
    ranked = sorted(sums, key=lambda country: -round(sums[country], 6)) if len(sums) > 1 else sums
    return {country: sums[country] / total for country in ranked if sums[country] > 0}


def scored(
    codes: Sequence[str],
    share: Mapping[str, float],
    countries: Mapping[str, list[Mention]],
    names: Mapping[str, str],
    about: bool,
) -> list[ScoreFacts]:
    """The verdicts for `codes`, each with its heaviest evidence in reading order."""
    out: list[ScoreFacts] = []
    for code in codes:
        items = countries[code]
        heaviest = sorted(items, key=_WEIGHT, reverse=True)[:MAX_EVIDENCE] if len(items) > 1 else items
        role = "about" if about else "dateline" if any(w.in_dateline for w in items) else "mention"
        out.append(
            {
                "code": code,
                "name": names.get(code, ""),
                "score": round(share[code], 4),
                "role": role,
                "evidence": [evidence(w, strong=w.strong, dateline=w.in_dateline) for w in heaviest],
            }
        )
    return out
