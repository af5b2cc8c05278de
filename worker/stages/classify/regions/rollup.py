"""From mentions of countries to world regions above and subdivisions below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from worker.models import RegionScore
from worker.stages.classify.regions.gazetteer import ADMIN, COUNTY, REGION, Gazetteer
from worker.stages.classify.regions.m49 import PREFIX, REGIONS, ancestors
from worker.stages.classify.regions.match import Mention
from worker.stages.classify.regions.verdict import MAX_EVIDENCE, EvidenceFacts, ScoreFacts, evidence


def world_regions(
    shares: Mapping[str, float], about: Sequence[str], mentions: Sequence[Mention]
) -> Sequence[ScoreFacts | RegionScore]:
    """The M49 regions of the countries the story is about, and those it names itself, ranked."""
    spoken = [m for m in mentions if m.place is not None and m.place.kind == REGION]
    if len(about) == 1 and not spoken:
        return _above(about[0], round(min(1.0, shares[about[0]]), 4))
    scores: defaultdict[str, float] = defaultdict(float)
    for country in about:
        for code in ancestors(country):
            scores[code] += shares[country]
    named: defaultdict[str, list[EvidenceFacts]] = defaultdict(list)
    for mention in spoken:
        named[mention.country].append(evidence(mention))
    ranked = sorted({*scores, *named}, key=lambda code: (-scores[code], -len(named[code]), code))
    return [
        {
            "code": PREFIX + code,
            "name": REGIONS[code][0],
            "score": round(min(1.0, scores[code]), 4),
            "role": "about" if scores[code] else "mention",
            "evidence": named[code][:MAX_EVIDENCE],
        }
        for code in ranked
    ]


@lru_cache(256)  # most stories are of few countries, and many of one alone
def _above(country: str, score: float) -> tuple[RegionScore, ...]:
    """The regions that hold a country, in the order of their codes."""
    return tuple(
        RegionScore(code=PREFIX + code, name=REGIONS[code][0], score=score, role="about", evidence=())
        for code in sorted(ancestors(country))
    )


def subdivisions(weighed: Sequence[Mention], about: Sequence[str], gazetteer: Gazetteer) -> list[ScoreFacts]:
    """The ISO 3166-2 subdivisions that their own name, a city fixed by its neighbour or a city of one reading names."""
    found: defaultdict[str, list[Mention]] = defaultdict(list)
    for item in weighed:
        place = item.place
        if place is None or not place.admin:
            continue
        if item.entry.admin or item.contained or place.kind in (ADMIN, COUNTY):
            found[place.admin].append(item)
    if not found:
        return []
    total = sum([w.weight for w in weighed]) or 1.0
    scores = {code: sum([w.weight / total for w in items]) for code, items in found.items()}
    ranked = sorted(scores, key=lambda code: (-scores[code], code))
    return [
        {
            "code": code,
            "name": gazetteer.names.get(code, ""),
            "score": round(min(1.0, scores[code]), 4),
            "role": "about" if code[:2] in about else "mention",
            "evidence": [evidence(w, strong=w.strong) for w in found[code][:MAX_EVIDENCE]],
        }
        for code in ranked
    ]
