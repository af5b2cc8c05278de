from __future__ import annotations

import pytest

from worker.rules import TopicRules
from worker.stages.classify.topics import topics
from worker.stages.classify.topics.sections import hinted

VAGUE = "They met on Monday evening and talked for two hours about the plans for the coming season, a spokesman said."
COOKIES = "We use cookies to improve your experience. By clicking accept you agree to our use of cookies on this site."


def _score(verdict, code):
    return max((topic.score for topic in verdict.all if topic.code == code), default=0.0)


@pytest.mark.parametrize(
    "around",
    [
        {"section": "Sport"},
        {"breadcrumbs": ("Home", "Football")},
        {"keywords": ("tennis",)},
        {"url": "https://paper.example/sport/2026/05/they-met.html"},
        {"canonical_url": "https://paper.example/deportes/they-met/"},
    ],
)
def test_a_section_name_around_the_article_lifts_its_topic_and_is_named_as_evidence(model, article, around):
    plain = article("The coach praised the striker, and the team will train on Friday before the final.")
    filed = plain.model_copy(update=around)

    [before], [after] = (topics([story], TopicRules(), model) for story in (plain, filed))

    assert _score(after, "medtop:15000000") > _score(before, "medtop:15000000") > 0
    [sport] = [topic for topic in after.all if topic.code == "medtop:15000000"]
    assert [found.text for found in sport.evidence if found.kind == "section"] == [
        next(name for name in hinted(filed, model.sections).values())
    ]


def test_a_section_alone_gives_no_topic(model, article):
    filed = article(COOKIES).model_copy(update={"section": "Sport", "url": "https://paper.example/sport/cookies"})

    [verdict] = topics([filed], TopicRules(), model)

    assert verdict.primary is None


def test_a_section_is_no_part_of_the_slug_and_no_part_of_a_longer_name(model, article):
    story = article(VAGUE).model_copy(
        update={
            "url": "https://paper.example/2026/sport",
            "section": "Sport of kings club",
            "keywords": ("Money talks",),
        }
    )

    assert hinted(story, model.sections) == {}


def test_an_address_that_cannot_be_read_says_nothing(model, article):
    story = article(VAGUE).model_copy(update={"url": "https://[paper.example/sport/x"})

    assert hinted(story, model.sections) == {}


def test_a_section_of_two_topics_in_one_name_is_not_guessed(model, article):
    story = article(VAGUE).model_copy(update={"section": "Money & Sport"})

    assert hinted(story, model.sections) == {}
