"""Verdicts by region: the countries a story is about, those it mentions, and the words that say so.

Pure: no clock, network or file. A name is looked up, never guessed: where nothing is named the verdict is empty,
and there is no default country. Method and figures: `worker/artefacts/regions.md`.
"""

from __future__ import annotations

from worker.models import Article, RegionVerdict
from worker.rules import RegionRules
from worker.stages.classify.regions.check import problems
from worker.stages.classify.regions.dateline import dateline
from worker.stages.classify.regions.gazetteer import Gazetteer
from worker.stages.classify.regions.m49 import is_known, region_members
from worker.stages.classify.regions.match import mentions
from worker.stages.classify.regions.owner import apply
from worker.stages.classify.regions.resolve import resolve
from worker.stages.classify.regions.rollup import subdivisions, world_regions
from worker.stages.classify.regions.score import boosted, weigh
from worker.stages.classify.regions.verdict import by_country, scored, shares

__all__ = ["Gazetteer", "is_known", "problems", "region_members", "regions"]


def regions(article: Article, rules: RegionRules, gazetteer: Gazetteer) -> RegionVerdict:
    """What places the story is about, ranked, with evidence; empty when it names none."""
    table = gazetteer.table(article.language, rules)
    text = "\n\n".join(article.text)
    headline = article.headline or ""
    repeated = len(headline) if headline and text.startswith(headline) else 0  # said twice, counted once
    fields = (
        ("headline", headline),
        ("dateline", article.dateline or ""),
        ("section", article.section or ""),
        ("breadcrumbs", " > ".join(article.breadcrumbs)),
        ("text", text),
    )
    found = [mention for field, words in fields if words for mention in mentions(words, field, table)]
    if repeated:
        found = [m for m in found if m.field != "text" or m.start >= repeated]
    if rules.rules:
        found = apply(found, f"{headline}\n{text}", rules, table.language)
    publisher = article.capture.publisher_country
    year = article.published_at.year if article.published_at is not None else None
    resolved = resolve(found, gazetteer, publisher, year)
    weighed = boosted(weigh(resolved, repeated + dateline(text[repeated:]), repeated, publisher), rules.boosts)
    countries = by_country(weighed)
    share = shares(countries)
    least = rules.about_share * max(share.values(), default=0.0)
    about = [code for code, value in share.items() if value >= least]
    rest = [code for code in share if code not in about]
    return RegionVerdict.model_validate(
        {
            "primary": about[0] if about else None,
            "about": scored(about, share, countries, gazetteer.names, about=True),
            "mentioned": scored(rest, share, countries, gazetteer.names, about=False),
            "subdivisions": subdivisions(weighed, about, gazetteer),
            "world_regions": world_regions(share, about, resolved),
            "gazetteer_version": gazetteer.version,
        }
    )
