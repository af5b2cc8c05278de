"""Our own short texts: labour and weather in English, ten topics in 15 languages, and texts that have no topic."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker import artefacts
from worker.models import Article, BodyRef, Capture, Extractor, Origin
from worker.rules import TopicRules
from worker.stages.classify.topics import TopicModel, topics

TEXTS = Path(__file__).with_name("texts")
NEWS = sorted(path for path in TEXTS.glob("*.txt") if not path.stem.startswith("no_topic"))


@pytest.fixture(scope="module")
def model() -> TopicModel:
    return TopicModel.from_artefacts(artefacts.read("topics"), artefacts.read("vocabulary"))


def _rows(path: Path) -> list[list[str]]:
    return [line.split(" | ", 1) for line in path.read_text(encoding="utf-8").splitlines()]


def _article(text: str, language: str) -> Article:
    capture = Capture(capture_id="0" * 64, body=BodyRef(digest="0" * 64, size=1), origin=Origin(location="-"))
    extractor = Extractor(name="test", version="1", path="text.lines")
    return Article(capture=capture, article_id="0" * 64, text=(text,), language=language, extractor=extractor)


@pytest.mark.parametrize("path", NEWS, ids=lambda path: path.stem)
def test_the_primary_topic_is_the_one_the_text_was_written_for(model, path):
    rows = _rows(path)

    verdicts = topics([_article(text, path.stem.split(".")[-1]) for _, text in rows], TopicRules(), model)

    assert len(rows) >= 10
    right = sum((verdict.primary or "")[7:9] == code for verdict, (code, _) in zip(verdicts, rows, strict=True))
    assert right >= 0.97 * len(rows)


def test_there_are_texts_of_ten_topics_in_every_promised_language_and_thirty_on_weather_and_on_labour():
    promised = {"es", "pt", "fr", "de", "ar", "zh", "da", "sv", "nb", "it", "ru", "tr"}

    spoken = {path.stem for path in NEWS if len(_rows(path)) >= 10}
    english = [code for code, _ in _rows(TEXTS / "labour_weather.en.txt")]

    assert promised <= spoken
    assert min(english.count("09"), english.count("17")) >= 30


def test_there_are_200_texts_that_are_no_news():
    rows = _rows(TEXTS / "no_topic.txt")

    assert len({text for _, text in rows}) >= 200


@pytest.mark.parametrize("name", ["no_topic", "no_topic_2"])
def test_few_texts_without_a_topic_are_given_one(model, name):
    rows = _rows(TEXTS / f"{name}.txt")

    verdicts = topics([_article(text, language) for language, text in rows], TopicRules(), model)

    assert sum(verdict.primary is not None for verdict in verdicts) < 0.05 * len(rows)
