"""A small article and a small tree of topics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from worker.models import (
    Article,
    Capture,
    CleanArticle,
    DuplicateVerdict,
    Extractor,
    Organisation,
    Origin,
    OriginalPublisher,
    Provenance,
    Quality,
    RegionScore,
    RegionVerdict,
    TopicLabel,
    TopicScore,
    TopicVerdict,
    digest_of,
)
from worker.state.spool import ref_to

POLITICS, ELECTION = "medtop:11000000", "medtop:20000574"


class Tree:
    """Two topics, one below the other, and sport."""

    def __init__(self) -> None:
        self.parents = {ELECTION: POLITICS, POLITICS: None, "medtop:15000000": None}

    def __contains__(self, code: str) -> bool:
        return code in self.parents

    def __iter__(self) -> Iterator[str]:
        return iter(self.parents)

    def label(self, code: str) -> str:
        return {ELECTION: "election", POLITICS: "politics", "medtop:15000000": "sport"}[code]

    def is_within(self, code: str, parent: str) -> bool:
        step: str | None = code
        while step is not None and step != parent:
            step = self.parents.get(step)
        return step is not None


@pytest.fixture
def topics() -> Tree:
    return Tree()


@pytest.fixture
def clean() -> Callable[..., CleanArticle]:
    """Makes an article about an election in Caracas; each keyword replaces a field of the article."""

    def make(kind: str = "new", source: str = "wires", **changes: Any) -> CleanArticle:
        body = ref_to(b"page")
        capture = Capture(
            capture_id=digest_of("capture"),
            source=source,
            body=body,
            origin=Origin(location="page.html"),
            media_type="text/html",
        )
        article = Article(
            capture=capture,
            article_id=digest_of("article"),
            headline="Oil prices rise as Caracas votes",
            text=("Polling stations opened on Sunday.", "The state oil company paid no dividend, officials said."),
            published_at=datetime(2026, 1, 5, 8, 30, tzinfo=UTC),
            language="pt-BR",
            publisher=Organisation(name="The Daily Example", domain="example.com"),
            original_publisher=OriginalPublisher(name="Wire Service"),
            extractor=Extractor(name="test", version="1", path="test"),
            quality=Quality(flags=("date_inferred",)),
        )
        return CleanArticle(
            article=article.model_copy(update=changes),
            duplicate=DuplicateVerdict.model_validate({"kind": kind, "story_id": "s1"}),
            regions=RegionVerdict(
                primary="VE",
                about=(RegionScore(code="VE", name="Venezuela", score=0.9, role="about"),),
                mentioned=(RegionScore(code="CU", name="Cuba", score=0.2),),
                subdivisions=(RegionScore(code="VE-A", name="Distrito Capital", score=0.7, role="about"),),
                gazetteer_version="test",
            ),
            topics=TopicVerdict(
                primary=POLITICS,
                all=(
                    TopicScore(
                        code=POLITICS,
                        label="politics",
                        score=0.8,
                        role="primary",
                        second_level=TopicLabel(code=ELECTION, label="election", score=0.6),
                    ),
                ),
                release="test",
                model_version="test",
            ),
            version=1,
            provenance=Provenance(pipeline_version="0", config_digest="0"),
        )

    return make
