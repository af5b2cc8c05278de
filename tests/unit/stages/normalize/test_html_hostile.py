"""Pages made to hurt: each ends soon, as an article or a drop."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from worker.models import Article, Drop
from worker.stages.normalize.guards import MAX_TAGS

PAGES = {
    "many elements without end tags": "<p>some words here." * (MAX_TAGS - 1),
    "many inline elements": "<p>" + "<i>x</i> " * (MAX_TAGS // 2 - 1),
    "deep JSON-LD": '<script type="application/ld+json">'
    + "[" * 100_000
    + "</script><p>"
    + "Some words are here. " * 100,
    "NUL signs": "<p>" + "a\0b " * 500,
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_hostile_page_ends_within_two_seconds(page: str, normalized: Callable[..., Article | Drop]) -> None:
    begun = time.process_time()

    normalized(page)

    assert time.process_time() - begun < 2


def test_a_page_of_too_many_tags_is_dropped_before_it_is_parsed(normalized: Callable[..., Article | Drop]) -> None:
    outcome = normalized("<p>x" * (MAX_TAGS + 1))

    assert isinstance(outcome, Drop)
    assert outcome.reason == "too_large"


def test_a_number_in_a_headline_is_no_error_page(
    normalized: Callable[..., Article | Drop], page: Callable[..., str], sentences: tuple[str, ...]
) -> None:
    html = page(paragraphs=sentences[:2]).replace(
        "New quay opens after three years", "500 flee as missing boy not found"
    )

    assert isinstance(normalized(html), Article)


def test_caption_headline_and_standfirst_are_fields_not_paragraphs(
    normalized: Callable[..., Article | Drop], page: Callable[..., str], sentences: tuple[str, ...]
) -> None:
    picture = "<figure><figcaption>The quay at dawn. Photo: Ana Ruiz/EPA</figcaption></figure>"
    standfirst = (
        '<p class="standfirst">After three years of work the harbour has its wall again, and the ferry is back.</p>'
    )

    article = normalized(page(before=standfirst + picture))

    assert isinstance(article, Article)
    assert article.text == sentences
    assert article.lead_image is not None
    assert (article.lead_image.caption, article.lead_image.credit) == ("The quay at dawn.", "Ana Ruiz/EPA")


def test_a_page_without_address_takes_its_canonical_one(
    normalized: Callable[..., Article | Drop], page: Callable[..., str]
) -> None:
    html = page(head='<link rel="canonical" href="https://www.example.com/news/quay">')

    article = normalized(html, url=None)

    assert isinstance(article, Article)
    assert article.url == article.canonical_url == "https://www.example.com/news/quay"
