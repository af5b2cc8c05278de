"""What `copydesk check` finds in routes."""

from __future__ import annotations

from typing import Any

import pytest

from worker.rules import Route
from worker.stages.route import TopicTree, problems


def rules(*whens: dict[str, Any]) -> list[Route]:
    """Routes a, b, …; `more` inside a condition goes to the route itself."""
    return [
        Route.model_validate({"name": name, "sinks": ["s"], "when": when} | when.pop("more", {}))
        for name, when in zip("abcdef", (dict(when) for when in whens), strict=False)
    ]


def test_sound_routes_have_no_problems(topics: TopicTree) -> None:
    routes = rules(
        {"regions": ["VE", "US-FL", "m49:005", "region:south-america"], "topics": ["medtop:20000574"]},
        {"topics": ["medtop:11000000"], "languages": ["pt-BR"], "published_after": "2026-01-01"},
        {"topics": ["medtop:11000000"]},
        {},
    )

    assert problems(routes, topics) == []


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        ({"regions": ["ve"]}, "unknown region 've'; did you mean 'VE'?"),
        ({"mentions": ["region:south-amerika"]}, "did you mean 'region:south-america'?"),
        ({"regions": ["XX"]}, "unknown region 'XX'"),
        ({"any": [{"not": {"regions": ["XX"]}}]}, "unknown region 'XX'"),
        ({"topics": ["medtop:99999999"]}, "unknown topic 'medtop:99999999'"),
        ({"topics": ["medtop:1100000"]}, "did you mean 'medtop:11000000' (politics)?"),
        ({"primary_topic": ["Politics"]}, "did you mean 'medtop:11000000' (politics)?"),
        ({"topics": ["medtop:elections"]}, "did you mean 'medtop:20000574' (election)?"),
        ({"languages": ["Spanish"]}, "language 'Spanish'"),
        ({"published_after": "last week"}, "date 'last week'"),
        ({"words": ["*"]}, "empty word"),
        ({"min_words": 100, "max_words": 50}, "at least 100 and at most 50 words"),
        ({"published_after": "2026-02-01", "published_before": "2026-01-01"}, "since 2026-02-01 and before 2026-01-01"),
        ({"duplicates": ["exact_copy"]}, "copies that never reach it: exact_copy"),
        ({"duplicates": ["near_copy"]}, "duplicates = ['near_copy']"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_named(topics: TopicTree, when: dict[str, Any], problem: str) -> None:
    (found,) = problems(rules(when), topics)

    assert found.startswith("route 'a' ")
    assert problem in found


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({}, {"regions": ["VE"]}),
        ({"regions": ["region:south-america"]}, {"regions": ["VE", "BR"]}),
        ({"regions": ["VE"]}, {"primary_region": ["VE"], "languages": ["es"]}),
        ({"topics": ["medtop:11000000"]}, {"topics": ["medtop:20000574"]}),
        ({"languages": ["pt"]}, {"languages": ["pt-BR"]}),
        ({"min_words": 100}, {"min_words": 200}),
        ({"any": [{"sources": ["a"]}, {"sources": ["b"]}]}, {"sources": ["b"]}),
        ({"sources": ["a"]}, {"all": [{"sources": ["a"]}, {"min_words": 5}]}),
    ],
    ids=str,
)
def test_a_route_that_an_earlier_one_swallows_is_never_reached(
    topics: TopicTree, earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    assert problems(rules(earlier, later), topics) == ["route 'b' is never reached: 'a' above takes all it could take"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"more": {"continue": True}}, {}),
        ({"regions": ["VE"]}, {"regions": ["VE", "BR"]}),
        ({"regions": ["VE"]}, {"regions": ["region:south-america"]}),
        ({"primary_region": ["VE"]}, {"regions": ["VE"]}),
        ({"regions": ["VE"], "min_region_score": 0.5}, {"regions": ["VE"]}),
        ({"sources": ["a"], "languages": ["es"]}, {"sources": ["a"]}),
        ({}, {"more": {"duplicates": ["near_copy"]}}),
        ({"not": {"sources": ["a"]}}, {"sources": ["b"]}),
        ({"all": [{"sources": ["a"]}]}, {"sources": ["b"]}),
        ({"any": [{"sources": ["a"]}]}, {"sources": ["b"]}),
        ({"max_words": 100}, {"max_words": 200}),
        ({"published_after": "2026-01-01"}, {}),
        ({"words": ["oil"]}, {"words": ["gas"]}),
    ],
    ids=str,
)
def test_a_route_that_something_may_still_reach_is_left_alone(
    topics: TopicTree, earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    assert problems(rules(earlier, later), topics) == []
