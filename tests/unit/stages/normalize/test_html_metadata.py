"""Who, when and under which headline, where the places of a page disagree."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from worker.models import Article, Drop
from worker.rules import NormalizeRules

Normalized = Callable[..., Article | Drop]
Page = Callable[..., str]


def graph(*nodes: dict[str, Any]) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@graph": nodes})}</script>'


def test_a_person_named_in_the_page_wins_over_the_house_in_json_ld(normalized: Normalized, page: Page) -> None:
    house = {"@type": "NewsArticle", "headline": "x", "author": {"@type": "Organization", "name": "Example Gazette"}}

    article = normalized(page(head=graph(house), before='<p><a href="/staff/ana-ruiz">Ana Ruiz</a>, Reporter</p>'))

    assert isinstance(article, Article)
    assert article.authors == ("Ana Ruiz",)


def test_names_in_lists_of_other_articles_are_not_the_author(normalized: Normalized, page: Page) -> None:
    article = normalized(page(after='<div class="related"><span class="author">Ben Marsh</span></div>'))

    assert isinstance(article, Article)
    assert article.authors == ()


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("By Ana Ruiz, Chief Technology Officer and Head of Labs", ("Ana Ruiz",)),
        ("Ana Ruiz, Tom E Okafor and Clara Voss", ("Ana Ruiz", "Tom E Okafor", "Clara Voss")),
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("https://www.facebook.com/gazette", ()),
        ("Ana Ruiz, Ph.D.", ("Ana Ruiz",)),
        ("von Jana Petersen und Ole von Thun", ("Jana Petersen", "Ole von Thun")),
    ],
)
def test_names_are_cut_out_of_what_is_told(
    normalized: Normalized, page: Page, told: str, names: tuple[str, ...]
) -> None:
    article = normalized(page(head=f'<meta name="author" content="{told}">'))

    assert isinstance(article, Article)
    assert article.authors == names


def test_the_date_of_a_mere_page_counts_only_where_it_is_printed(normalized: Normalized, page: Page) -> None:
    node = {"@type": "WebPage", "name": "New quay opens after three years", "datePublished": "2026-02-20T08:30:00Z"}

    bare = normalized(page(head=graph(node)))
    printed = normalized(page(head=graph(node), before="<p>February 20, 2026</p>"))

    assert isinstance(bare, Article)
    assert isinstance(printed, Article)
    assert bare.published_at is None
    assert (printed.published_precision, printed.published_source) == ("second", "json_ld")


def test_a_printed_change_is_no_date_of_publication(normalized: Normalized, page: Page) -> None:
    article = normalized(page(before="<p>Last updated: February 20, 2026</p>"))

    assert isinstance(article, Article)
    assert article.published_at is None
    assert article.modified_at is not None
    assert article.modified_source == "text"


def test_a_guessed_date_is_marked_and_made_only_when_asked_for(
    normalized: Normalized, page: Page, sentences: tuple[str, ...]
) -> None:
    html = page(paragraphs=(*sentences, "Posted 2026-02-20 in the harbour office, as every notice of its kind is."))

    plain = normalized(html)
    guessed = normalized(html, rules=NormalizeRules(infer_dates=True))

    assert isinstance(plain, Article)
    assert isinstance(guessed, Article)
    assert plain.published_at is None
    assert guessed.published_source == "htmldate"
    assert "date_inferred" in guessed.quality.flags


def test_a_heading_that_shares_most_words_with_the_title_is_the_headline(normalized: Normalized, page: Page) -> None:
    html = page(head='<meta property="og:title" content="What the new quay means after three years">')

    article = normalized(html.replace("<title>New quay opens after three years |", "<title>The new quay and you |"))

    assert isinstance(article, Article)
    assert article.headline == "New quay opens after three years"


def test_a_page_without_picture_has_no_lead_image(normalized: Normalized, page: Page) -> None:
    article = normalized(page())

    assert isinstance(article, Article)
    assert article.lead_image is None
