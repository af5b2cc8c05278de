"""Topics on labelled articles. Floors: what was measured, slightly below; the Wikinews texts also set the calibration."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import pytest

from worker import artefacts
from worker.models import Article, BodyRef, Capture, Extractor, Origin, TopicVerdict
from worker.rules import TopicRules
from worker.stages.classify.topics import TopicModel, topics

pytestmark = pytest.mark.quality


@pytest.fixture(scope="module")
def model() -> TopicModel:
    return TopicModel.from_artefacts(artefacts.read("topics"), artefacts.read("vocabulary"))


@pytest.fixture(scope="module")
def judge(model: TopicModel) -> Callable[[Iterable[tuple[str | None, str]]], list[TopicVerdict]]:
    capture = Capture(capture_id="0" * 64, body=BodyRef(digest="0" * 64, size=1), origin=Origin(location="-"))
    extractor = Extractor(name="test", version="1", path="text.lines")

    def run(texts: Iterable[tuple[str | None, str]]) -> list[TopicVerdict]:
        articles = [
            Article(
                capture=capture,
                article_id="0" * 64,
                headline=headline,
                text=tuple(line for line in text.split("\n") if line.strip()),
                language="en",
                extractor=extractor,
            )
            for headline, text in texts
        ]
        return topics(articles, TopicRules(min_words=0), model)

    return run


def test_several_topics_of_whole_articles(labelled, floors, judge, model):
    rows = [row for row in labelled("topic/wikinews_multilabel.jsonl.gz") if row["primary"]]
    top_of = {code[7:]: model.vocabulary.path(code)[0][7:] for code in model.children}

    verdicts = judge((row["title"], row["text"]) for row in rows)

    first = [(verdict.primary or "")[7:] for verdict in verdicts]
    given = [{topic.code[7:] for topic in verdict.all} for verdict in verdicts]
    right = sum(len(codes & set(row["topics"])) for codes, row in zip(given, rows, strict=True))
    scores = {
        "primary": _mean(code == row["primary"] for code, row in zip(first, rows, strict=True)),
        "any": _mean(code in row["topics"] for code, row in zip(first, rows, strict=True)),
        "micro_f1": 2 * right / (sum(map(len, given)) + sum(len(row["topics"]) for row in rows)),
        "second_level": _mean(
            topic.second_level is not None and topic.second_level.code[7:] in row["level2"]
            for verdict, row in zip(verdicts, rows, strict=True)
            for topic in verdict.all
            if topic.code[7:] in {top_of.get(code) for code in row["level2"]}
        ),
    }
    assert _below(scores, floors["topics"]) == {}


def test_a_score_is_about_the_share_of_labels_that_are_right(labelled, judge):
    rows = [row for row in labelled("topic/wikinews_multilabel.jsonl.gz") if row["primary"]]

    verdicts = judge((row["title"], row["text"]) for row in rows)

    given = [
        (topic.score, topic.code[7:] in row["topics"])
        for verdict, row in zip(verdicts, rows, strict=True)
        for topic in verdict.all
        if topic.method == "linear"
    ]
    for low, high in pairwise((0.27, 0.6, 0.9, 1.01)):
        inside = [(score, right) for score, right in given if low <= score < high]
        assert len(inside) >= 20
        assert abs(sum(score for score, _ in inside) / len(inside) - _mean(right for _, right in inside)) < 0.08


def test_short_texts_of_two_sources(labelled, floors, judge):
    scores = {}
    for source in ("wikipedia-current-events", "huffpost"):
        rows = [row for row in labelled("topic/dev.jsonl.gz") if row["source"] == source][::5]

        verdicts = judge((None, row["text"]) for row in rows)

        answered = [
            (verdict.primary[7:], row["medtop"]) for verdict, row in zip(verdicts, rows, strict=True) if verdict.primary
        ]
        scores[f"{source}_answered"] = len(answered) / len(rows)
        scores[f"{source}_right_of_answered"] = _mean(found == wanted for found, wanted in answered)
    assert _below(scores, floors["topics"]) == {}


def _mean(values: Iterable[bool]) -> float:
    counted = list(values)
    return sum(counted) / len(counted)


def _below(scores: dict[str, float], floors: dict[str, Any]) -> dict[str, float]:
    return {name: score for name, score in scores.items() if score < floors[name]}
