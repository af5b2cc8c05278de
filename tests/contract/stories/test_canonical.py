"""Which capture stands for its story, and when that changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from worker.models import Article, OriginalPublisher

Make = Callable[..., Article]
Prose = Callable[..., str]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def _at(hours: float, precision: str = "minute", source: str = "json_ld") -> dict[str, Any]:
    at = NOON + timedelta(hours=hours)
    return {"published_at": at, "published_precision": precision, "published_source": source}


@pytest.mark.parametrize("closing", ["", "\n\nA closing line of the house that prints it."])
def test_copy_of_a_better_publisher_stands_for_the_story(desk: Any, article: Make, prose: Prose, closing: str) -> None:
    first = desk.store(article(prose(1), "https://blog.example/a"))
    better = article(prose(1) + closing, "https://www.agency.example/b")

    verdict = desk.store(better)

    assert (verdict.kind, verdict.reason) == ("supersedes", "better_source")
    assert (verdict.story_id, verdict.similarity) == (first.story_id, 1.0)
    assert desk.index.story(first.story_id).canonical == better.capture.capture_id


def test_copy_of_a_lesser_publisher_stays_a_copy(desk: Any, article: Make, prose: Prose) -> None:
    desk.store(article(prose(1), "https://agency.example/a", **_at(0)))

    verdict = desk.store(article(prose(1), "https://paper.example/b", **_at(-9)))

    assert verdict.kind == "exact_copy"


def test_original_that_a_copy_named_stands_for_the_story(desk: Any, article: Make, prose: Prose) -> None:
    named = OriginalPublisher(domain="herald.example")
    desk.store(article(prose(1), "https://one.example/a", original_publisher=named))

    verdict = desk.store(article(prose(1), "https://news.herald.example/b"))
    again = desk.store(article(prose(1), "https://herald.example/c"))

    assert (verdict.kind, verdict.reason) == ("supersedes", "original_source")
    assert again.kind == "exact_copy"


def test_copy_published_earlier_stands_for_the_story(desk: Any, article: Make, prose: Prose) -> None:
    first = desk.store(article(prose(1), "https://one.example/a", **_at(0)))

    verdict = desk.store(article(prose(1), "https://two.example/b", **_at(-1)))
    later = desk.store(article(prose(1), "https://three.example/c", **_at(-0.5)))

    assert (verdict.kind, verdict.reason, verdict.story_id) == ("supersedes", "published_earlier", first.story_id)
    assert later.kind == "exact_copy"
    assert later.of == desk.index.story(first.story_id).canonical


@pytest.mark.parametrize(
    "earlier",
    [
        _at(-0.1),  # within the margin of clocks
        _at(-9, "day"),
        _at(-9, source="url"),
        _at(-9) | {"original_publisher": OriginalPublisher(domain="herald.example")},
    ],
)
def test_time_that_is_not_to_be_trusted_moves_nothing(
    desk: Any, article: Make, prose: Prose, earlier: dict[str, Any]
) -> None:
    desk.store(article(prose(1), "https://one.example/a", **_at(0)))

    assert desk.store(article(prose(1), "https://two.example/b", **earlier)).kind == "exact_copy"


def test_shorter_copy_and_excerpt_never_stand_for_the_story(desk: Any, article: Make, prose: Prose) -> None:
    desk.store(article(prose(1)))
    paragraphs = prose(1).split("\n\n")

    shorter = desk.store(article("\n\n".join(paragraphs[:6]), "https://agency.example/b"))
    excerpt = desk.store(article("\n\n".join(paragraphs[:3]), "https://agency.example/c"))

    assert (shorter.kind, excerpt.kind) == ("near_copy", "excerpt")


def test_better_copy_that_is_never_stored_gives_the_story_back(desk: Any, article: Make, prose: Prose) -> None:
    first, better = article(prose(1)), article(prose(1), "https://agency.example/b")
    story_id = desk.store(first).story_id
    moved = desk.claim(better)

    assert desk.abort(better, moved)

    assert desk.index.story(story_id).canonical == first.capture.capture_id
    assert desk.index.story(story_id).state == "stored"
    again = desk.claim(better)
    assert (again.kind, again.reason, again.fence) == ("supersedes", "better_source", moved.fence + 1)


def test_text_is_still_known_after_an_aborted_takeover(desk: Any, article: Make, prose: Prose) -> None:
    first = desk.store(article(prose(1), "https://paper.example/a", **_at(0)))
    better = article(prose(1), "https://agency.example/b", **_at(1))
    moved = desk.claim(better)
    desk.abort(better, moved)

    later = desk.claim(article(prose(1), "https://paper.example/c", **_at(2)))

    assert moved.kind == "supersedes"
    assert (later.kind, later.story_id) == ("exact_copy", first.story_id)
