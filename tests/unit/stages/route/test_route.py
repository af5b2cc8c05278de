"""Routes: what takes an article, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.models import CleanArticle
from worker.rules import Condition, Route
from worker.stages.route import TopicTree, route
from worker.stages.route.conditions import judge
from worker.stages.route.facts import Facts

MakeClean = Callable[..., CleanArticle]


def rule(name: str, when: dict[str, Any] | None = None, **more: Any) -> Route:
    return Route.model_validate({"name": name, "when": when or {}, "sinks": [name]} | more)


def test_the_first_route_that_matches_wins_and_the_earlier_ones_say_why_not(
    clean: MakeClean, topics: TopicTree
) -> None:
    routes = [
        rule("sport", {"topics": ["medtop:15000000"]}),
        rule("americas", {"regions": ["region:south-america"]}),
        rule("rest"),
    ]

    verdict = route(clean(), routes, topics)

    assert [(match.route, match.sinks) for match in verdict.matched] == [("americas", ("americas",))]
    assert verdict.matched[0].because == "region VE (Venezuela) in region:south-america"
    assert [(miss.route, miss.because) for miss in verdict.missed] == [
        ("sport", "topic is medtop:11000000 (politics), medtop:20000574 (election), not medtop:15000000")
    ]


def test_a_route_that_continues_lets_the_next_be_asked(clean: MakeClean, topics: TopicTree) -> None:
    routes = [rule("archive", **{"continue": True}), rule("none", {"sources": ["x"]}), rule("last"), rule("never")]

    verdict = route(clean(), routes, topics)

    assert [match.route for match in verdict.matched] == ["archive", "last"]
    assert [miss.route for miss in verdict.missed] == ["none"]


@pytest.mark.parametrize("kind", ["near_copy", "excerpt"])
def test_a_copy_goes_only_where_it_is_asked_for(clean: MakeClean, topics: TopicTree, kind: str) -> None:
    routes = [rule("plain"), rule("all", duplicates=["near_copy", "excerpt"])]

    verdict = route(clean(kind=kind), routes, topics)

    assert [match.route for match in verdict.matched] == ["all"]
    assert "does not ask for it" in verdict.missed[0].because


@pytest.mark.parametrize("kind", ["recapture", "exact_copy"])
def test_an_exact_copy_goes_nowhere(clean: MakeClean, topics: TopicTree, kind: str) -> None:
    verdict = route(clean(kind=kind), [rule("all", duplicates=["near_copy", "excerpt"])], topics)

    assert verdict.matched == ()
    assert "never delivered" in verdict.missed[0].because


HOLDS: list[dict[str, Any]] = [
    {},
    {"regions": ["VE"]},
    {"regions": ["FR", "VE-A"]},
    {"regions": ["m49:005"]},
    {"regions": ["region:americas"]},
    {"primary_region": ["VE"]},
    {"primary_region": ["region:latin-america-and-the-caribbean"]},
    {"mentions": ["CU"]},
    {"mentions": ["region:caribbean"]},
    {"regions": ["VE"], "min_region_score": 0.9},
    {"min_region_score": 0.9},
    {"topics": ["medtop:11000000"]},
    {"topics": ["medtop:20000574"]},
    {"primary_topic": ["medtop:20000574"]},
    {"topics": ["medtop:11000000"], "min_topic_score": 0.8},
    {"min_topic_score": 0.8},
    {"languages": ["pt"]},
    {"languages": ["pt-BR"]},
    {"sources": ["feeds", "wires"]},
    {"publishers": ["the daily example"]},
    {"publishers": ["example.com"]},
    {"publishers": ["Wire Service"]},
    {"duplicates": ["new"]},
    {"flags": ["date_inferred"]},
    {"is_excerpt": False},
    {"min_words": 14, "max_words": 14},
    {"published_after": "2026-01-05"},
    {"published_before": "2026-01-05T09:00:00Z"},
    {"words": ["oil price*"]},
    {"words": ["polling STATIONS"]},
    {"all": [{"regions": ["VE"]}, {"topics": ["medtop:11000000"]}]},
    {"any": [{"regions": ["FR"]}, {"sources": ["wires"]}]},
    {"not": {"languages": ["en"]}},
]


@pytest.mark.parametrize("when", HOLDS, ids=str)
def test_a_condition_holds(clean: MakeClean, topics: TopicTree, when: dict[str, Any]) -> None:
    holds, because = judge(Condition.model_validate(when), Facts(clean()), topics)

    assert holds, because
    assert because


FAILS: list[tuple[dict[str, Any], str]] = [
    ({"regions": ["CU"]}, "region is VE (Venezuela), VE-A (Distrito Capital), not CU"),
    ({"regions": ["VE-B"]}, "not VE-B"),
    ({"primary_region": ["VE-A"]}, "primary region is VE (Venezuela), not VE-A"),
    ({"mentions": ["region:africa"]}, "region named is"),
    ({"regions": ["VE"], "min_region_score": 0.95}, "region VE (Venezuela) has score 0.90, not 0.95"),
    ({"min_region_score": 0.95}, "region score 0.90 < 0.95"),
    ({"topics": ["medtop:15000000"]}, "not medtop:15000000"),
    ({"topics": ["medtop:20000574"], "min_topic_score": 0.7}, "has score 0.60, not 0.70"),
    ({"min_topic_score": 0.9}, "topic score 0.80 < 0.90"),
    ({"languages": ["en", "p"]}, "language is pt-BR, not en or p"),
    ({"sources": ["feeds"]}, "source is wires, not feeds"),
    ({"publishers": ["ample.com"]}, "publisher is"),
    ({"duplicates": ["update"]}, "duplicate kind is new, not update"),
    ({"flags": ["charset_guessed"]}, "flag is date_inferred, not charset_guessed"),
    ({"is_excerpt": True}, "a whole text"),
    ({"min_words": 15}, "14 words < 15"),
    ({"max_words": 13}, "14 words > 13"),
    ({"published_after": "2026-01-06"}, "published 2026-01-05, not since 2026-01-06"),
    ({"published_before": "2026-01-05"}, "published 2026-01-05, not before 2026-01-05"),
    ({"words": ["vote", "end"]}, "does not say vote or end"),
    ({"all": [{"regions": ["VE"]}, {"sources": ["feeds"]}]}, "source is wires, not feeds"),
    ({"any": [{"regions": ["FR"]}, {"sources": ["feeds"]}]}, "none of: region is"),
    ({"not": {"regions": ["VE"]}}, "not: region VE (Venezuela)"),
]


@pytest.mark.parametrize(("when", "why"), FAILS, ids=str)
def test_a_condition_fails_and_says_at_what(
    clean: MakeClean, topics: TopicTree, when: dict[str, Any], why: str
) -> None:
    holds, because = judge(Condition.model_validate(when), Facts(clean()), topics)

    assert not holds
    assert why in because


def test_an_article_without_a_date_is_neither_before_nor_after(clean: MakeClean, topics: TopicTree) -> None:
    undated = Facts(clean(published_at=None))

    judged = [judge(Condition(published_after="2020-01-01"), undated, topics)]
    judged += [judge(Condition(published_before="2030-01-01"), undated, topics)]

    assert judged == [(False, "no date"), (False, "no date")]


def test_words_are_found_and_counted_in_scripts_without_spaces(clean: MakeClean, topics: TopicTree) -> None:
    facts = Facts(clean(headline="石油価格が上昇", text=("東京の石油会社は配当を見送った。",)))

    assert facts.words == 15
    assert judge(Condition(words=("石油",), min_words=15), facts, topics).holds
