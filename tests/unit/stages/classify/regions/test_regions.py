"""What a story is about, and what it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.models import Article, RegionVerdict
from worker.rules import RegionRules
from worker.stages.classify.regions import Gazetteer, regions

VENEZUELA = """Senior U.S. officials are traveling to Venezuela on Saturday to meet with the government of President \
Nicolás Maduro, according to people familiar with the matter, as the Biden administration steps up efforts to separate \
Russia from its remaining international allies amid a widening standoff over Ukraine.

The trip is the highest-level visit by Washington officials to Caracas, Venezuela’s capital, in years. The United \
States broke off diplomatic relations with Mr. Maduro and closed its embassy in Caracas in 2019, The New York Times reported.

Mr. Maduro responded to the sanctions by seeking economic and diplomatic help from Russia, as well as from Iran and \
China."""


def codes(verdict: RegionVerdict) -> list[str]:
    return [s.code for s in (*verdict.about, *verdict.mentioned)]


def test_a_story_names_what_it_is_about_first_and_what_it_mentions_after(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    story = article(VENEZUELA, "U.S. Officials Travel to Venezuela, a Russia Ally, as the West Isolates Putin")

    verdict = regions(story, RegionRules(), gazetteer)

    assert verdict.primary == "VE"
    assert [s.code for s in verdict.about] == ["VE", "RU", "US"]
    assert {s.code for s in verdict.mentioned} == {"UA", "IR", "CN"}
    assert "m49:005" in {s.code for s in verdict.world_regions}


def test_evidence_stands_where_it_says(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    story = article(VENEZUELA, "U.S. Officials Travel to İzmir")

    verdict = regions(story, RegionRules(), gazetteer)

    fields = {"headline": story.headline or "", "text": "\n\n".join(story.text)}
    pieces = [e for s in (*verdict.about, *verdict.mentioned) for e in s.evidence]
    assert pieces
    assert all(fields[e.field][e.start : e.end] == e.surface for e in pieces)


def test_a_text_without_a_place_has_no_region(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    verdict = regions(article("Call us in March for a quote.", "Reading the mobile news"), RegionRules(), gazetteer)

    assert verdict.primary is None
    assert codes(verdict) == []


def test_the_publisher_country_is_no_evidence(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    verdict = regions(article("Rain is expected.", publisher_country="FR"), RegionRules(), gazetteer)

    assert verdict.primary is None


def test_the_owner_adds_names_and_ignores_phrases(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    rules = RegionRules(names={"the Esequibo": "GY"}, ignore=("Caracas Bakery",))

    verdict = regions(article("The Esequibo is disputed, they said at Caracas Bakery."), rules, gazetteer)

    assert codes(verdict) == ["GY"]


def test_the_owner_raises_one_country_and_silences_another(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    story = article("Peru and Chile met in Paris. Chile won.")

    verdict = regions(story, RegionRules(boosts={"PE": 3, "FR": 0}), gazetteer)

    assert verdict.primary == "PE"
    assert "FR" not in codes(verdict)


def test_an_owners_name_may_stand_for_a_world_region(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    rules = RegionRules(names={"the Southern Cone": "region:south-america"})

    verdict = regions(article("Drought spreads in the Southern Cone."), rules, gazetteer)

    assert codes(verdict) == []
    assert [s.code for s in verdict.world_regions] == ["m49:005"]


def test_a_county_tells_which_town_is_meant(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    verdict = regions(article("Paris and Roxton gained most in Lamar County."), RegionRules(), gazetteer)

    assert codes(verdict) == ["US"]
    assert "US-TX" in {s.code for s in verdict.subdivisions}


def test_a_small_town_alone_is_weak_evidence(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    alone = regions(article("A fire in Parkersburg hurt two dogs."), RegionRules(), gazetteer)
    with_state = regions(article("A fire in Parkersburg hurt two. West Virginia helps."), RegionRules(), gazetteer)

    assert {e.tier for s in alone.about for e in s.evidence} == {"weak"}
    assert {e.tier for s in with_state.about for e in s.evidence} == {"strong"}


def test_a_persons_name_is_no_place_in_the_whole_story(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    story = article("Chad Smith was charged in Ohio. Chad had fled, and Chad was found.")

    verdict = regions(story, RegionRules(), gazetteer)

    assert codes(verdict) == ["US"]


def test_a_section_and_breadcrumbs_count(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    story = article("The minister resigned.").model_copy(update={"breadcrumbs": ("World", "Africa", "Kenya")})

    verdict = regions(story, RegionRules(), gazetteer)

    assert verdict.primary == "KE"
    assert [e.field for e in verdict.about[0].evidence] == ["breadcrumbs"]


def test_evidence_stays_small(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    story = article(" ".join(["Kenya and Nairobi, Kenyans said."] * 50))

    verdict = regions(story, RegionRules(), gazetteer)

    lists = (verdict.about, verdict.mentioned, verdict.subdivisions, verdict.world_regions)
    assert max(len(s.evidence) for listed in lists for s in listed) <= 3


def test_a_language_is_no_country(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    story = article("She speaks French, wrote it in English, and eats at an Italian restaurant.")

    assert codes(regions(story, RegionRules(), gazetteer)) == []


def test_a_country_of_the_dateline_that_the_story_is_not_about_has_the_role_dateline(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    body = (
        "Kenya and Uganda signed a treaty. Kenya will build a bridge to Uganda, and Kenyan engineers will plan it. " * 6
    )
    story = article(f"PARIS (Reuters) - {body}", "Kenya and Uganda sign treaty, Kenya says")

    verdict = regions(story, RegionRules(), gazetteer)

    [french] = [s for s in verdict.mentioned if s.code == "FR"]
    assert verdict.primary == "KE"
    assert french.role == "dateline"
    assert [e.kind for e in french.evidence] == ["dateline"]
    assert {s.role for s in verdict.about} == {"about"}


def test_names_side_by_side_are_all_found(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    verdict = regions(article("They flew Peru Kenya Japan and back."), RegionRules(), gazetteer)

    assert set(codes(verdict)) == {"PE", "KE", "JP"}


def test_a_name_behind_a_word_that_is_none_is_found(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    verdict = regions(article("It took us Kenya and a new york Peru to see it."), RegionRules(), gazetteer)

    assert set(codes(verdict)) == {"PE", "KE"}


@pytest.mark.parametrize(
    "text",
    [
        "Jordan Spieth won by a stroke.",
        "Shops on Cuba Street stayed shut.",
        "The ferry Estonia sank in a storm.",
        "Cod in the Gulf of Maine is rare.",
        "Japanese encephalitis is spread by mosquitoes.",
        "Holland, 28, plays the lead.",
        "The Bank of Montreal raised its dividend.",
    ],
)
def test_a_person_a_street_a_ship_a_sea_an_illness_and_a_bank_are_no_place(
    text: str, article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    assert codes(regions(article(text), RegionRules(), gazetteer)) == []


def test_a_last_name_met_with_its_first_name_is_a_persons_in_the_whole_story(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    story = article("Monica French spoke in Ohio with Daniel Sakai. French said Sakai agreed.")

    assert codes(regions(story, RegionRules(), gazetteer)) == ["US"]


def test_what_a_long_name_ends_in_may_stand_at_the_place_it_begins_with(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    assert codes(regions(article("Boston Children's Hospital opened a ward."), RegionRules(), gazetteer)) == ["US"]
    assert codes(regions(article("Boston Stone Tools opened a shop."), RegionRules(), gazetteer)) == []


def test_sums_in_pounds_speak_for_the_british_of_two_towns(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    assert codes(regions(article("Police in Richmond said the fine was £80."), RegionRules(), gazetteer)) == ["GB"]
    assert codes(regions(article("Police in Richmond said the fine was $80."), RegionRules(), gazetteer)) == ["US"]


def test_a_name_that_begins_with_a_mark_is_found(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    for text in ("Rain fell on 'Ajlun and Irbid.", "Rain fell on ‘Ajlun and Irbid.", "Rain fell on Ajlun and Irbid."):
        verdict = regions(article(text), RegionRules(), gazetteer)

        assert [e.surface for s in verdict.about for e in s.evidence] == ["Ajlun", "Irbid"]


def test_a_state_is_known_in_other_languages_with_its_code(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    verdict = regions(article("В Нью-Джерси и Техасе горят леса.", language="ru"), RegionRules(), gazetteer)

    assert codes(verdict) == ["US"]
    assert {s.code for s in verdict.subdivisions} == {"US-NJ", "US-TX"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Congress met in Washington; the White House said Texas, Ohio and Iowa would help. He flew to Paris.",
            "US FR",
        ),
        ("Canadians in Ottawa and Quebec asked Canada to act. The minister left Calgary for London.", "CA GB"),
        (
            "Police in London charged a man from Sarnia, Ontario. Canadians were shocked, the Ontario premier said.",
            "CA",
        ),
    ],
)
def test_a_great_capital_is_meant_unless_its_namesakes_state_is_named(
    text: str, found: str, article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    assert set(codes(regions(article(text), RegionRules(), gazetteer))) == set(found.split())
