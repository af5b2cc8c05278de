"""Weights made into ranked, explained scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from worker.models import RegionEvidence, RegionScore
from worker.stages.classify.regions.gazetteer import KINDS
from worker.stages.classify.regions.match import Mention
from worker.stages.classify.regions.score import Weighed

MAX_EVIDENCE = 3  # pieces kept for a code, the heaviest first; the score counts all
WEAK_SHARE = 0.5  # a verdict that rests on weak evidence alone says so in its scores


def evidence(mention: Mention, *, strong: bool = True, dateline: bool = False) -> RegionEvidence:
    """A mention as it travels in the verdict."""
    place = mention.place
    return RegionEvidence(
        surface=mention.surface,
        kind="dateline" if dateline else KINDS[place.kind] if place is not None else "",
        field=mention.field,
        start=mention.start,
        end=mention.end,
        tier="strong" if strong else "weak",
    )


def shares(weighed: Sequence[Weighed]) -> dict[str, float]:
    """Country → its share of all weight (0 to 1), the largest first, ties as the story names them."""
    sums: defaultdict[str, float] = defaultdict(float)
    for item in weighed:
        sums[item.country] += item.weight
    total = sum(sums.values())
    if total <= 0:
        return {}
    if not any(item.strong for item in weighed):
        total /= WEAK_SHARE
    return {c: w / total for c, w in sorted(sums.items(), key=lambda pair: -round(pair[1], 6)) if w > 0}


def scored(
    codes: Sequence[str], share: Mapping[str, float], weighed: Sequence[Weighed], names: Mapping[str, str], about: bool
) -> tuple[RegionScore, ...]:
    """The verdicts for `codes`, each with its heaviest evidence in reading order."""
    found: defaultdict[str, list[Weighed]] = defaultdict(list)
    for item in weighed:
        found[item.country].append(item)
    out = []
    for code in codes:
        items = sorted(found[code], key=lambda w: -w.weight)[:MAX_EVIDENCE]
        role: Literal["about", "dateline", "mention"] = "about" if about else "mention"
        if not about and any(w.dateline for w in found[code]):
            role = "dateline"
        out.append(
            RegionScore(
                code=code,
                name=names.get(code, ""),
                score=round(share[code], 4),
                role=role,
                evidence=tuple(evidence(w.mention, strong=w.strong, dateline=w.dateline) for w in items),
            )
        )
    return tuple(out)
