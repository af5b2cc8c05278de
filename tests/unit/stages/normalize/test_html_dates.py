"""When a page was published: told to machines, printed near or far, in its address; and what is no such date."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from worker.models import Article, Drop
from worker.stages.normalize.metadata.date_text import parse

NOW = datetime(2026, 3, 1, tzinfo=UTC)
Normalized = Callable[..., Article | Drop]
Page = Callable[..., str]


def day_of(outcome: Article | Drop) -> tuple[str | None, str | None]:
    assert isinstance(outcome, Article)
    return outcome.published_at.date().isoformat() if outcome.published_at else None, outcome.published_source


@pytest.mark.parametrize(
    ("printed", "month"),
    [
        ("5 січня 2022", 1), ("12 Şubat 2022", 2), ("2022. március 5.", 3), ("3. huhtikuuta 2022", 4), ("5 Mayıs 2022", 5),
        ("2. června 2022", 6), ("1. července 2022", 7), ("12 lipca 2022", 7), ("10 серпня 2022", 8), ("8 Agustus 2022", 8),
        ("12 септември 2022", 9), ("5 de octubre de 2022", 10), ("5 listopada 2022", 11), ("14. marraskuuta 2022", 11),
        ("15 نوفمبر 2022", 11), ("5 Δεκεμβρίου 2022", 12), ("ngày 5 tháng 3 năm 2022", 3), ("2022년 3월 5일", 3),
    ],
)  # fmt: skip
def test_months_are_read_in_many_languages(printed: str, month: int) -> None:
    moment = parse(printed, NOW)

    assert moment is not None
    assert (moment.at.year, moment.at.month, moment.precision) == (2022, month, "day")


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="w-published-date" content="2026-02-20T06:03:43Z">',
        '<meta property="article:publicationDate" content="2026-02-20">',
        '<meta name="date-pub" content="2026-02-20">',
    ],
)
def test_meta_of_any_software_that_says_published_is_believed(normalized: Normalized, page: Page, head: str) -> None:
    assert day_of(normalized(page(head=head))) == ("2026-02-20", "meta")


def test_a_page_that_names_its_author_is_an_article_and_its_date_counts(normalized: Normalized, page: Page) -> None:
    node = {
        "@type": "WebPage",
        "datePublished": "2026-02-20T08:30:00Z",
        "author": {"@type": "Person", "name": "Ana Ruiz"},
    }

    told = normalized(page(head=f'<script type="application/ld+json">{json.dumps(node)}</script>'))

    assert day_of(told) == ("2026-02-20", "json_ld")


def test_a_month_written_in_the_address_is_read(normalized: Normalized, page: Page) -> None:
    assert day_of(normalized(page(), url="https://www.example.com/news/2026/feb/03/quay")) == ("2026-02-03", "url")


@pytest.mark.parametrize(
    "after",
    [
        "<div>Posted on February 20, 2026</div>",
        "<div><p>Published</p><p>Feb 20, 2026</p></div><p>Companies Dec 19, 2025</p><p>Markets Dec 18, 2025</p>",
        "<div><span>20 Feb 2026</span></div>",
    ],
)
def test_a_day_printed_far_from_the_headline_is_found(normalized: Normalized, page: Page, after: str) -> None:
    assert day_of(normalized(page(after=after))) == ("2026-02-20", "text")


def test_days_of_a_list_of_articles_are_not_of_this_one(normalized: Normalized, page: Page) -> None:
    cards = "".join(f"<div><h3>Ferry fares rise {day}</h3><p>Feb {day}, 2026</p></div>" for day in (3, 4, 5))

    assert day_of(normalized(page(after=f"<section>{cards}</section>"))) == (None, None)


def test_of_many_times_the_one_set_like_no_other_is_the_articles(normalized: Normalized, page: Page) -> None:
    cards = "".join(f'<li><small><time datetime="2026-02-0{day}">{day} Feb</time></small></li>' for day in (5, 6, 7))
    own = '<p class="post-date"><time datetime="2026-01-20">20 Jan</time></p>'

    assert day_of(normalized(page(before=f"<ul>{cards}</ul>{own}"))) == ("2026-01-20", "time_element")


def test_a_review_labelled_beside_its_time_is_a_change(normalized: Normalized, page: Page) -> None:
    html = page(after='<div><div>Last Reviewed:</div><div><time datetime="2026-02-20">20 Feb</time></div></div>')

    article = normalized(html)

    assert day_of(article) == (None, None)
    assert isinstance(article, Article)
    assert article.modified_at is not None


def test_an_earlier_day_beside_the_headline_beats_the_one_that_site_software_set_anew(
    normalized: Normalized, page: Page
) -> None:
    node = {
        "@type": "BlogPosting",
        "datePublished": "2026-02-20T08:30:00Z",
        "dateModified": "2026-02-20T08:30:00Z",
        "author": {"@type": "Person", "name": "Ana Ruiz"},
    }
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'

    earlier = normalized(page(head=head, before="<div>May 14, 2025</div>"))
    later = normalized(page(head=head, before="<div>February 24, 2026</div>"))

    assert day_of(earlier) == ("2025-05-14", "text")
    assert day_of(later) == ("2026-02-20", "json_ld")


def test_days_that_run_into_each_other_are_told_apart(normalized: Normalized, page: Page) -> None:
    article = normalized(page(before="<div>Mental HealthDECEMBER 22, 2025Updated: JANUARY 02, 2026</div>"))

    assert day_of(article) == ("2025-12-22", "text")
    assert isinstance(article, Article)
    assert article.modified_at is not None
    assert article.modified_at.date().isoformat() == "2026-01-02"


@pytest.mark.parametrize(
    "after",
    [
        "<div>Today's Hours</div><div>February 20, 2026</div>",
        "<div>Open Today, February 20, 2026</div>",
        "<div>Posted on the American Statistical Association's community forum on 2026-02-20</div>",
    ],
)
def test_days_of_opening_hours_and_of_other_peoples_posts_are_not_of_the_page(
    normalized: Normalized, page: Page, after: str
) -> None:
    assert day_of(normalized(page(after=after))) == (None, None)


def test_times_all_set_alike_are_a_list_and_date_nothing(normalized: Normalized, page: Page) -> None:
    cards = "".join(f'<li><small><time datetime="2026-02-0{day}">{day} Feb</time></small></li>' for day in (5, 6, 7))

    assert day_of(normalized(page(before=f"<ul>{cards}</ul>"))) == (None, None)


def test_the_day_a_site_was_set_up_is_none_of_publication(normalized: Normalized, page: Page) -> None:
    html = page(head='<meta property="article:published_time" content="2025-02-20T06:03:43Z">')

    assert day_of(normalized(html, url="https://www.example.com/")) == (None, None)
    assert day_of(normalized(html, url="https://www.example.com/?p=12")) == ("2025-02-20", "meta")


def test_the_day_an_event_takes_place_is_none_of_publication(normalized: Normalized, page: Page) -> None:
    html = page(before="<div>February 20, 2026</div>")

    assert day_of(normalized(html, url="https://www.example.com/events/quay")) == (None, None)
    assert day_of(normalized(html, url="https://www.example.com/eventful-days")) == ("2026-02-20", "text")
