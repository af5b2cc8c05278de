from __future__ import annotations

import pytest

from worker.errors import ConfigError
from worker.rules import TopicRule, TopicRules
from worker.stages.classify.topics import resolve, topics

HARBOUR = TopicRule(code="local:harbour", label="the harbour", words=("container terminal", "dock*"), min_hits=2)
STRIKE = "The union called a strike over pay on Monday and workers formed a picket line at the gate."


def test_a_topic_of_ones_own_is_given_with_its_words_as_evidence(model, article):
    story = article("A crane fell at the Container\nTerminal on Monday.\n\nTwo dockers watched it from the quay.")

    [verdict] = topics([story], TopicRules(topics=(HARBOUR,)), model)

    [own] = [topic for topic in verdict.all if topic.code == "local:harbour"]
    assert own.label == "the harbour"
    assert own.method == "rules"
    assert {(found.text, found.paragraph) for found in own.evidence} == {("container\nterminal", 0), ("dockers", 1)}


def test_too_few_of_the_words_give_nothing(model, article):
    [verdict] = topics(
        [article("Two dockers sat on a wall and ate their lunch.")], TopicRules(topics=(HARBOUR,)), model
    )

    assert verdict.primary is None


def test_the_owners_words_work_in_a_language_the_model_does_not_know(model, article):
    rule = TopicRule(code="medtop:11000000", words=("parlamenti",))

    [verdict] = topics([article("A parlamenti szavazás tegnap volt", language="hu")], TopicRules(topics=(rule,)), model)

    assert verdict.primary == "medtop:11000000"


def test_a_second_level_code_gives_its_first_level_too(model, article):
    rule = TopicRule(code="medtop:20001131", words=("storm surge",))

    [verdict] = topics([article("The storm surge came at night.")], TopicRules(topics=(rule,)), model)

    assert verdict.primary == "medtop:17000000"
    assert verdict.all[0].second_level is not None
    assert verdict.all[0].second_level.label == "weather warning"


def test_an_excluding_word_forbids_the_topic(model, article):
    rule = TopicRule(code="medtop:09000000", exclude=("picket line",))

    [plain] = topics([article(STRIKE)], TopicRules(), model)
    [ruled] = topics([article(STRIKE)], TopicRules(topics=(rule,)), model)

    assert plain.primary == "medtop:09000000"
    assert "medtop:09000000" not in {topic.code for topic in ruled.all}


def test_a_boost_moves_the_score_and_a_language_limits_the_rule(model, article):
    rarer = TopicRule(code="medtop:09000000", boost=-3.0)
    elsewhere = TopicRule(code="medtop:09000000", boost=-3.0, languages=("de",))

    [plain], [ruled], [other] = (
        topics([article(STRIKE)], TopicRules(topics=own), model) for own in ((), (rarer,), (elsewhere,))
    )

    assert ruled.all == () or ruled.all[0].score < plain.all[0].score
    assert other == plain


def test_a_retired_code_is_replaced_with_a_warning(model):
    rules, warnings = resolve(TopicRules(topics=(TopicRule(code="medtop:20000160", words=("x",)),)), model.vocabulary)

    assert rules.topics[0].code == "medtop:03000000"
    assert len(warnings) == 1
    assert "20000160" in warnings[0]


def test_an_unknown_code_is_an_error_that_names_it(model):
    with pytest.raises(ConfigError, match="99999999"):
        resolve(TopicRules(topics=(TopicRule(code="medtop:99999999"),)), model.vocabulary)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("medtop:politics", "medtop:11000000"),
        ("medtop:armed-conflict", "medtop:20000056"),
        ("medtop:1100000", "medtop:11000000"),
        ("medtop:wether", "medtop:17000000"),
    ],
)
def test_an_unknown_code_is_answered_with_the_one_that_was_likely_meant(model, written, meant):
    with pytest.raises(ConfigError, match=f"did you mean '{meant}'"):
        resolve(TopicRules(topics=(TopicRule(code=written, words=("a",)),)), model.vocabulary)


def test_a_code_that_is_near_to_none_is_answered_without_a_guess(model):
    with pytest.raises(ConfigError, match="local:harbour") as raised:
        resolve(TopicRules(topics=(TopicRule(code="medtop:zzz", words=("a",)),)), model.vocabulary)

    assert "did you mean" not in str(raised.value)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (TopicRule(code="local:harbour", label="the harbour"), "says nothing"),
        (TopicRule(code="local:harbour", words=("quay", "pier"), min_hits=3), "lists 2"),
    ],
)
def test_a_rule_that_can_never_say_anything_is_an_error(model, rule, said):
    with pytest.raises(ConfigError, match=said):
        resolve(TopicRules(topics=(rule,)), model.vocabulary)
