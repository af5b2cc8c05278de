"""The shipped topic model, and a short way to an article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker import artefacts
from worker.models import Article, BodyRef, Capture, Extractor, Origin
from worker.stages.classify.topics import TopicModel


@pytest.fixture(scope="session")
def model() -> TopicModel:
    return TopicModel.from_artefacts(artefacts.read("topics"), artefacts.read("vocabulary"))


@pytest.fixture(scope="session")
def article() -> Callable[..., Article]:
    capture = Capture(capture_id="0" * 64, body=BodyRef(digest="0" * 64, size=1), origin=Origin(location="-"))
    extractor = Extractor(name="test", version="1", path="text.lines")

    def make(text: str, headline: str | None = None, language: str = "en") -> Article:
        paragraphs = tuple(part.strip() for part in text.split("\n\n") if part.strip())
        return Article(
            capture=capture,
            article_id="0" * 64,
            headline=headline,
            text=paragraphs,
            language=language,
            extractor=extractor,
        )

    return make
