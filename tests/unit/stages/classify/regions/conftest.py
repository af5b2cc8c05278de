"""The gazetteer that ships, and articles made of a headline and a text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.artefacts import read
from worker.models import Article, BodyRef, Capture, Extractor, Origin
from worker.stages.classify.regions import Gazetteer


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.from_artefact(read("regions"))


@pytest.fixture
def article() -> Callable[..., Article]:
    def make(
        text: str, headline: str = "", language: str = "en", publisher_country: str = "", **more: object
    ) -> Article:
        capture = Capture(
            capture_id="0" * 64,
            body=BodyRef(digest="0" * 64, size=len(text)),
            origin=Origin(location="-"),
            publisher_country=publisher_country or None,
        )
        facts = {
            "capture": capture,
            "article_id": "0" * 64,
            "headline": headline or None,
            "text": tuple(text.split("\n\n")),
            "language": language,
            "extractor": Extractor(name="test", version="1", path="test"),
        }
        return Article.model_validate(facts | more)

    return make
