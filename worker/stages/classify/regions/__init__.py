"""Verdicts by region: the countries a story is about, those it mentions, and the words that say so.

Pure: no clock, network or file. A name is looked up, never guessed: where nothing is named the verdict is empty,
and there is no default country. Method and figures: `worker/artefacts/regions.md`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from worker.models import Article, RegionVerdict
from worker.rules import RegionRules
from worker.stages.classify.regions.check import problems
from worker.stages.classify.regions.dateline import dateline
from worker.stages.classify.regions.gazetteer import Gazetteer, Table
from worker.stages.classify.regions.m49 import is_known, region_members
from worker.stages.classify.regions.match import Mention, mentions
from worker.stages.classify.regions.owner import apply
from worker.stages.classify.regions.resolve import resolve
from worker.stages.classify.regions.rollup import subdivisions, world_regions
from worker.stages.classify.regions.score import boosted, weigh
from worker.stages.classify.regions.verdict import by_country, scored, shares

__all__ = ["Gazetteer", "is_known", "problems", "region_members", "regions", "regions_of"]


def regions(article: Article, rules: RegionRules, gazetteer: Gazetteer) -> RegionVerdict:
    """What places the story is about, ranked, with evidence; empty when it names none."""
    return regions_of([article], rules, gazetteer)[0]


def regions_of(articles: Sequence[Article], rules: RegionRules, gazetteer: Gazetteer) -> list[RegionVerdict]:
    """The verdicts of a batch. Step by step for all of it: what a step looks up stays near the processor."""
    texts = ["\n\n".join(article.text) for article in articles]
    found = _mentions(articles, texts, rules, gazetteer)
    resolved = [
        resolve(mentions, gazetteer, *_told(article)) for mentions, article in zip(found, articles, strict=True)
    ]
    weighed = [_weighed(*one, rules) for one in zip(articles, texts, resolved, strict=True)]
    facts = [_facts(*one, rules, gazetteer) for one in zip(resolved, weighed, strict=True)]
    return [RegionVerdict.model_validate(one) for one in facts]


def _mentions(
    articles: Sequence[Article], texts: Sequence[str], rules: RegionRules, gazetteer: Gazetteer
) -> list[list[Mention]]:
    """What each article names, by field; those of one language are looked through together."""
    fields = [_fields(*both) for both in zip(articles, texts, strict=True)]
    tables: dict[Table, list[int]] = defaultdict(list)
    for number, article in enumerate(articles):
        tables[gazetteer.table(article.language, rules)].append(number)
    found: list[list[Mention]] = [[] for _ in articles]
    for table, numbers in tables.items():
        named = iter(mentions([field for number in numbers for field in fields[number]], table))
        for number in numbers:
            of_all = [mention for _ in fields[number] for mention in next(named)]
            found[number] = _told_once(of_all, articles[number], texts[number], rules, table)
    return found


def _fields(article: Article, text: str) -> list[tuple[str, str]]:
    fields = (
        ("headline", article.headline or ""),
        ("dateline", article.dateline or ""),
        ("section", article.section or ""),
        ("breadcrumbs", " > ".join(article.breadcrumbs)),
        ("text", text),
    )
    return [field for field in fields if field[1]]


def _told_once(found: list[Mention], article: Article, text: str, rules: RegionRules, table: Table) -> list[Mention]:
    """The mentions without those of a headline that opens the text as well, and as the owner's rules take them."""
    if repeated := _repeated(article, text):
        found = [m for m in found if m.field != "text" or m.start >= repeated]
    return apply(found, f"{article.headline or ''}\n{text}", rules, table.language) if rules.rules else found


def _repeated(article: Article, text: str) -> int:
    """The characters of a headline that opens the text as well: said twice, counted once."""
    return len(article.headline) if article.headline and text.startswith(article.headline) else 0


def _told(article: Article) -> tuple[str | None, int | None]:
    """What else speaks for a place: the publisher's country and the year."""
    year = article.published_at.year if article.published_at is not None else None
    return article.capture.publisher_country, year


def _weighed(article: Article, text: str, resolved: Sequence[Mention], rules: RegionRules) -> Sequence[Mention]:
    repeated = _repeated(article, text)
    opening = repeated + dateline(text[repeated:])
    return boosted(weigh(resolved, opening, repeated, article.capture.publisher_country), rules.boosts)


def _facts(
    resolved: Sequence[Mention], weighed: Sequence[Mention], rules: RegionRules, gazetteer: Gazetteer
) -> dict[str, Any]:
    """What becomes a `RegionVerdict`."""
    countries = by_country(weighed)
    share = shares(countries)
    least = rules.about_share * max(share.values(), default=0.0)
    about = [code for code, value in share.items() if value >= least]
    rest = [code for code in share if code not in about]
    return {
        "primary": about[0] if about else None,
        "about": scored(about, share, countries, gazetteer.names, about=True),
        "mentioned": scored(rest, share, countries, gazetteer.names, about=False),
        "subdivisions": subdivisions(weighed, about, gazetteer),
        "world_regions": world_regions(share, about, resolved),
        "gazetteer_version": gazetteer.version,
    }
