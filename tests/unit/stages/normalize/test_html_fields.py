"""The limit of tags, and what of a page becomes a field. Hostile pages: tests/integration/test_hostile_pages.py."""

from __future__ import annotations

from collections.abc import Callable

from worker.models import Article, Drop
from worker.stages.normalize.guards import MAX_TAGS


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


def test_the_date_of_a_change_above_the_text_is_no_paragraph(
    normalized: Callable[..., Article | Drop], page: Callable[..., str], sentences: tuple[str, ...]
) -> None:
    article = normalized(page(before="<p>Uppdaterad 2026-02-21 kl. 12:10</p>"))

    assert isinstance(article, Article)
    assert article.text == sentences


def test_a_heading_that_no_text_follows_is_not_the_articles(
    normalized: Callable[..., Article | Drop], page: Callable[..., str], sentences: tuple[str, ...]
) -> None:
    article = normalized(page(paragraphs=sentences).replace("</article>", "<h2>What the council said</h2></article>"))

    assert isinstance(article, Article)
    assert article.text == sentences
