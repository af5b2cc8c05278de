"""A page becomes an article, or a drop with the right reason."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from worker.models import Article, Drop

Normalized = Callable[..., Article | Drop]
Page = Callable[..., str]


def test_only_the_article_is_left_of_a_page(normalized: Normalized, page: Page, sentences: tuple[str, ...]) -> None:
    outcome = normalized(page())

    assert isinstance(outcome, Article)
    assert outcome.text == sentences
    assert outcome.headline == "New quay opens after three years"
    assert outcome.language == "en"


def test_a_lone_box_below_the_article_is_no_paragraph(
    normalized: Normalized, page: Page, sentences: tuple[str, ...]
) -> None:
    box = "<div class='box'><h3>Get the morning briefing</h3><p>The day's news, in your inbox at six.</p></div>"

    outcome = normalized(page(after=box))

    assert isinstance(outcome, Article)
    assert outcome.text == sentences


@pytest.mark.parametrize(
    "tag", ['<div class="a"">', '<p title="He said "no" to it">', '<a href="/x"" target="_blank">All news</a>']
)
def test_a_quotation_mark_too_many_in_a_tag_swallows_no_text(
    normalized: Normalized, page: Page, sentences: tuple[str, ...], tag: str
) -> None:
    first = f"<p>{sentences[0]}</p>"

    outcome = normalized(page(after=tag).replace(first, tag + first))

    assert isinstance(outcome, Article)
    assert outcome.text == sentences


def test_dates_keep_their_precision_and_say_where_they_come_from(normalized: Normalized, page: Page) -> None:
    by_day = normalized(page(head='<meta property="article:published_time" content="2026-02-20">'))
    node = {"@type": "NewsArticle", "headline": "New quay opens", "datePublished": "2026-02-20T08:30:00+01:00"}
    by_second = normalized(page(head=f'<script type="application/ld+json">{json.dumps(node)}</script>'))
    undated = normalized(page())

    assert isinstance(by_day, Article)
    assert isinstance(by_second, Article)
    assert isinstance(undated, Article)
    assert (by_day.published_precision, by_day.published_source) == ("day", "meta")
    assert (by_second.published_precision, by_second.published_source) == ("second", "json_ld")
    assert by_second.published_at is not None
    assert by_second.published_at.isoformat() == "2026-02-20T07:30:00+00:00"
    assert undated.published_at is None


def test_a_canonical_url_counts_on_its_own_site_only(normalized: Normalized, page: Page) -> None:
    own = normalized(page(head='<link rel="canonical" href="https://example.com/quay?utm_source=x">'))
    foreign = normalized(page(head='<link rel="canonical" href="https://other.org/quay">'))

    assert isinstance(own, Article)
    assert isinstance(foreign, Article)
    assert own.canonical_url == "https://example.com/quay"
    assert foreign.canonical_url is None
    assert foreign.syndication_source == "https://other.org/quay"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "<html><title>404 - Page not found</title><body><h1>Oops</h1><p>Nothing is here.</p></body></html>",
            "error_page",
        ),
        ("<html><title>Just a moment...</title><body><p>Checking your browser.</p></body></html>", "bot_wall"),
        ('<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>', "feed_document"),
        ("<html><head><title>x</title></head><body></body></html>", "no_main_content"),
    ],
)
def test_what_is_no_article_is_dropped_with_its_reason(normalized: Normalized, body: str, reason: str) -> None:
    outcome = normalized(body)

    assert isinstance(outcome, Drop)
    assert outcome.reason == reason


def test_the_same_capture_gives_the_same_article(normalized: Normalized, page: Page) -> None:
    assert normalized(page()) == normalized(page())
