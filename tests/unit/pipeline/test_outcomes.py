"""What is made of a finished article."""

from __future__ import annotations

import pytest

from worker.models import (
    Article,
    BodyRef,
    Capture,
    CleanArticle,
    DuplicateKind,
    DuplicateVerdict,
    Extractor,
    Origin,
    Provenance,
    RegionVerdict,
    RouteMatch,
    RouteVerdict,
    TopicVerdict,
)
from worker.pipeline.outcomes import deliveries_of

BODY = BodyRef(digest="0" * 64, size=1)


@pytest.mark.parametrize(
    ("kind", "action"), [("new", "upsert"), ("update", "upsert"), ("supersedes", "canonical_changed")]
)
def test_sinks_are_told_when_another_article_stands_for_the_story(kind: DuplicateKind, action: str) -> None:
    capture = Capture(capture_id="0" * 64, body=BODY, origin=Origin(location="test"))
    extractor = Extractor(name="test", version="1", path="test")
    clean = CleanArticle(
        article=Article(capture=capture, article_id="0" * 64, text=("One.",), extractor=extractor),
        duplicate=DuplicateVerdict(kind=kind, story_id="0" * 16),
        regions=RegionVerdict(gazetteer_version="1"),
        topics=TopicVerdict(release="1", model_version="1"),
        version=1,
        provenance=Provenance(pipeline_version="1", config_digest="1"),
    )
    routes = RouteVerdict(matched=(RouteMatch(route="all", sinks=("a", "b"), because="test"),))

    assert [
        (delivery.sink, delivery.action) for delivery in deliveries_of(clean, clean.content_digest(), routes, BODY)
    ] == [
        ("a", action),
        ("b", action),
    ]
