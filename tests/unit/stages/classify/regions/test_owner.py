"""The owner's rules: names that are places only in company."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.models import Article, RegionVerdict
from worker.rules import RegionRule, RegionRules
from worker.stages.classify.regions import Gazetteer, problems, regions

CONFIG = Path(__file__).parents[5] / "config" / "regions.toml"


def codes(verdict: RegionVerdict) -> list[str]:
    return [s.code for s in (*verdict.about, *verdict.mentioned)]


def test_a_name_is_no_place_beside_a_word_its_rule_excludes(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    rules = RegionRules(rules=(RegionRule(name="Jordan", exclude=("sneaker*",)),))

    assert codes(regions(article("New sneakers by Jordan sold out."), rules, gazetteer)) == []
    assert codes(regions(article("Jordan closed its border."), rules, gazetteer)) == ["JO"]


def test_a_name_the_gazetteer_lacks_is_a_place_only_with_its_words(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    rules = RegionRules(
        rules=(
            RegionRule(
                name="the Hollow",
                code="US-VT",
                words=("Vermonters", "maple"),
            ),
        )
    )

    with_words = regions(article("Maple syrup comes from the Hollow."), rules, gazetteer)
    without = regions(article("He walked into the Hollow."), rules, gazetteer)

    assert codes(with_words) == ["US"]
    assert [s.code for s in with_words.subdivisions] == ["US-VT"]
    assert codes(without) == []


def test_the_first_rule_that_holds_gives_the_place(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    rules = RegionRules(
        rules=(
            RegionRule(name="Georgia", code="US-GA", words=("peach*",)),
            RegionRule(name="Georgia", code="GE"),
        )
    )

    assert codes(regions(article("Peaches ripen in Georgia."), rules, gazetteer)) == ["US"]
    assert codes(regions(article("Snow fell in Georgia."), rules, gazetteer)) == ["GE"]


def test_words_may_have_to_stand_near_the_name(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    rules = RegionRules(rules=(RegionRule(name="Peru", words=("lima",), within=30),))

    near = regions(article("Peru's capital Lima had no water."), rules, gazetteer)
    far = regions(article(f"Peru lost. {'They played on and on. ' * 5} Beans, say Lima growers."), rules, gazetteer)

    assert [e.surface for s in near.about for e in s.evidence] == ["Peru", "Lima"]
    assert [e.surface for s in far.about for e in s.evidence] == ["Lima"]


def test_a_rule_holds_in_its_languages_only(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    rules = RegionRules(rules=(RegionRule(name="Peru", exclude=("natal",), languages=("pt",)),))

    assert codes(regions(article("Peru em Natal", language="pt"), rules, gazetteer)) == []
    assert "PE" in codes(regions(article("Peru, not Natal"), rules, gazetteer))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (RegionRule(name="Jordan"), "[[rules]] 1: 'Jordan' decides nothing"),
        (RegionRule(name="Jordan", code="JOR"), "[[rules]] 1: 'Jordan' has the unknown code 'JOR'"),
        (RegionRule(name="…", code="JO"), "[[rules]] 1: '…' has no letter"),
        (RegionRule(name="Jordan", words=("*",)), "[[rules]] 1: '*' has no letter"),
        (RegionRule(name="Aqaba", words=("port",)), "[[rules]] 1: 'Aqaba' stands in `names` as well"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_told(rule: RegionRule, told: str, gazetteer: Gazetteer) -> None:
    (problem,) = problems(RegionRules(names={"Aqaba": "JO"}, rules=(rule,)), gazetteer.names)

    assert problem.startswith(told)


def test_the_example_of_the_config_is_well(gazetteer: Gazetteer) -> None:
    lines = CONFIG.read_text("utf-8").splitlines()
    shown = "\n".join(line.removeprefix("# ") for line in lines if "=" in line or line.startswith(("# [", "[")))

    rules = RegionRules.model_validate(tomllib.loads(shown))

    assert len(rules.rules) == 2
    assert problems(rules, gazetteer.names) == []
