"""The capture that started the project: a diplomatic visit that is politics, war and oil at once."""

from __future__ import annotations

from worker import artefacts
from worker.models import Article, BodyRef, Capture, Extractor, Origin
from worker.rules import TopicRules
from worker.stages.classify.topics import TopicModel, topics

HEADLINE = "U.S. Officials Travel to Venezuela, a Russia Ally, as the West Isolates Putin: NYT"
TEXT = (
    "Senior U.S. officials are traveling to Venezuela on Saturday to meet with the government of President Nicolás "
    "Maduro, according to people familiar with the matter, as the Biden administration steps up efforts to separate "
    "Russia from its remaining international allies amid a widening standoff over Ukraine.",
    "The trip is the highest-level visit by Washington officials to Caracas, Venezuela’s capital, in years. The United "
    "States broke off diplomatic relations with Mr. Maduro and closed its embassy in Caracas in 2019, after accusing "
    "the authoritarian leader of electoral fraud. The Trump administration then tried to topple Mr. Maduro’s "
    "government by sanctioning Venezuelan oil exports and the country’s senior officials, and by recognizing the "
    "opposition leader, Juan Guaidó, as Venezuela’s lawful president.",
    "Mr. Maduro responded to the sanctions by seeking economic and diplomatic help from Russia, as well as from Iran "
    "and China. Russian energy companies and banks have been instrumental in allowing Venezuela to continue exporting "
    "oil, the country’s biggest source of foreign currency, despite the sanctions, according to U.S. officials, "
    "Venezuelan officials and businessmen.",
    "Russia’s invasion of Ukraine has prompted the United States to pay closer attention to President Vladimir V. "
    "Putin’s allies in Latin America, which Washington believes could become security threats if the standoff with "
    "Russia deepens, according to current and former U.S. officials who spoke on the condition of anonymity to discuss "
    "sensitive policy matters.",
)


def test_politics_comes_first_with_economy_and_conflict_beside_it_and_nothing_else():
    model = TopicModel.from_artefacts(artefacts.read("topics"), artefacts.read("vocabulary"))
    capture = Capture(capture_id="0" * 64, body=BodyRef(digest="0" * 64, size=1), origin=Origin(location="-"))
    story = Article(
        capture=capture,
        article_id="0" * 64,
        headline=HEADLINE,
        text=TEXT,
        language="en",
        extractor=Extractor(name="text", version="1", path="text.lines"),
    )

    [verdict] = topics([story], TopicRules(), model)

    assert verdict.primary == "medtop:11000000"
    assert verdict.all[0].second_level is not None
    assert verdict.all[0].second_level.label == "international relations"
    assert {topic.code for topic in verdict.all} == {"medtop:11000000", "medtop:04000000", "medtop:16000000"}
