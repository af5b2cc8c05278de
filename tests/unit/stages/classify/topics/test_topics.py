from __future__ import annotations

import pytest

from worker.rules import TopicRules
from worker.stages.classify.topics import topics
from worker.stages.classify.topics.tokens import english_words

RULES = TopicRules()
SUMMIT = """The foreign minister met the ambassador in the capital on Tuesday to discuss sanctions.

Diplomats said a treaty between the two governments was within reach before the summit in May."""
WEATHER = """Heavy rain and gusts of up to 110 km/h swept the coast overnight, the weather service said.

Forecasters expect snow showers by Friday, with temperatures falling to minus five degrees Celsius."""


def test_the_verdict_names_primary_label_second_level_and_evidence(model, article):
    [verdict] = topics([article(SUMMIT, "Ministers near treaty on border")], RULES, model)

    first = verdict.all[0]
    assert verdict.primary == first.code == "medtop:11000000"
    assert first.label == "politics"
    assert first.second_level is not None
    assert first.second_level.code == "medtop:20000638"
    assert {"diplomats", "sanctions", "treaty"} & {found.text for found in first.evidence}
    assert verdict.release == "2023-10-24"
    assert verdict.model_version == model.version


def test_every_piece_of_evidence_stands_in_the_paragraph_it_names(model, article):
    story = article(SUMMIT, "Ministers near treaty on border")

    [verdict] = topics([story], RULES, model)

    for topic in verdict.all:
        for found in topic.evidence:
            place = story.headline if found.paragraph is None else story.text[found.paragraph]
            assert found.text in place.lower()


def test_a_verdict_does_not_depend_on_the_batch(model, article):
    stories = [article(SUMMIT), article(WEATHER), article("nothing"), article(WEATHER + "\n\n" + SUMMIT)]

    together = topics(stories, RULES, model)

    assert together == [topics([story], RULES, model)[0] for story in stories]


def test_line_breaks_spaces_and_case_change_nothing(model, article):
    plain = article("Heavy snow and gale warnings closed the mountain roads on Monday, forecasters said.")
    odd = article("HEAVY  snow and\u00a0gale warnings\nclosed the mountain roads on MONDAY, forecasters said.")

    first, second = topics([plain, odd], RULES, model)

    assert first == second


def test_labels_come_in_the_language_asked_for(model, article):
    [verdict] = topics([article(WEATHER)], TopicRules(language="de"), model)

    assert verdict.all[0].label == "Wetter"


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("ar", "طقس"),
        ("da", "vejr"),
        ("en-US", "weather"),
        ("es", "meteorología"),
        ("fr", "météo"),
        ("nb", "vær"),
        ("nn", "vêr"),
        ("pt", "meteorologia"),
        ("sv", "väder"),
        ("zh", "天气"),
    ],
)
def test_labels_are_the_vocabularys_own_in_each_of_its_languages(model, language, label):
    assert model.vocabulary.label("medtop:17000000", language).lower() == label


def test_no_topic_that_can_be_given_is_retired(model):
    given = [*model.tops, *model.children]

    assert [code for code in given if model.vocabulary.live(code) != code] == []


def test_abstentions_name_their_reason(model, article):
    stories = {
        "too_short": article("Three short words"),
        "no_known_words": article("zxq vlorp mnatt qerrl blonf drask yilp wozzen grat plimm"),
        "unsupported_language": article("Ez egy magyar nyelvű szöveg a tegnapi parlamenti szavazásról", language="hu"),
    }

    verdicts = topics(list(stories.values()), RULES, model)

    assert [verdict.abstain_reason for verdict in verdicts] == list(stories)
    assert all(verdict.primary is None and verdict.all == () for verdict in verdicts)


def test_empty_and_odd_texts_are_survived(model, article):
    odd = ["", "1 2 3 4 5", "\n\n", "a " * 20, "word " * 100_000, "!" * 1000]

    verdicts = topics([article(text) for text in odd], RULES, model)

    assert all(verdict.primary is None for verdict in verdicts)


def test_no_articles_give_no_verdicts(model):
    assert topics([], RULES, model) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "政府は月曜日、来年度の予算案を国会に提出した。野党は増税に反対している。"),
        ("ko", "정부는 월요일 내년도 예산안을 국회에 제출했다. 야당은 세금 인상에 반대하고 있다."),
        ("hi", "सरकार ने सोमवार को अगले साल का बजट संसद में पेश किया।"),
    ],
)
def test_a_language_without_words_of_its_own_gets_no_topic_and_the_reason(model, article, language, text):
    [verdict] = topics([article(text, language=language)], TopicRules(), model)

    assert verdict.primary is None
    assert verdict.abstain_reason == "unsupported_language"


@pytest.mark.parametrize("rest", ["Élysée", "– “quoted”", "ΟΔΟΣ", "\ud800"])
def test_words_beside_signs_of_any_script_are_those_of_the_lower_case_text(rest):
    assert english_words(f"THE MINISTER’S REPLY {rest}") == english_words(f"THE MINISTER’S REPLY {rest}".lower())
