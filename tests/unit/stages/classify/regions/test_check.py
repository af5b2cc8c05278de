"""The owner's region rules, judged without an article."""

from __future__ import annotations

import pytest

from worker.rules import RegionRules
from worker.stages.classify.regions import Gazetteer, problems


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("UK", "'GB'"),
        ("ve", "'VE'"),
        ("Venezula", "'VE'"),
        ("region:south-amerika", "'region:south-america'"),
        ("us-fl", "'US-FL'"),
    ],
)
def test_an_unknown_code_is_told_with_the_one_that_was_meant(code: str, meant: str, gazetteer: Gazetteer) -> None:
    (problem,) = problems(RegionRules(names={"Little Caracas": code}), gazetteer.names)

    assert "Little Caracas" in problem
    assert f"did you mean {meant}" in problem


def test_what_is_named_and_ignored_at_once_is_told(gazetteer: Gazetteer) -> None:
    rules = RegionRules(names={"Esequibo": "GY"}, ignore=("esequibo",))

    assert problems(rules, gazetteer.names) == ["names: 'Esequibo' stands in `ignore` as well"]


def test_a_boost_wants_a_country(gazetteer: Gazetteer) -> None:
    (problem,) = problems(RegionRules(boosts={"US-FL": 2}), gazetteer.names)

    assert problem.startswith("boosts: 'US-FL'")


def test_good_rules_have_no_problems(gazetteer: Gazetteer) -> None:
    rules = RegionRules(
        names={"the Esequibo": "GY", "Little Caracas": "US-FL", "the Cone": "m49:005", "Soviet days": "RU"},
        ignore=("Caracas Bakery",),
        boosts={"VE": 2, "XK": 0},
    )

    assert problems(rules, gazetteer.names) == []
