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
        ("By Ana Ruiz @anaruiz", ("Ana Ruiz",)),
        ("By Ana Ruiz/AP", ("Ana Ruiz",)),
        ("By Ana Ruiz May 5, 2023", ("Ana Ruiz",)),
        ("Story by Ana Ruiz; photos by Bo Li", ("Ana Ruiz",)),
        ("Escrito por Ana Ruiz y Luis Vega", ("Ana Ruiz", "Luis Vega")),
        ("Propos recueillis par Marie Dupont", ("Marie Dupont",)),
        ("a cura di Mario Rossi", ("Mario Rossi",)),
        ("Geschreven door Jan de Vries", ("Jan de Vries",)),
        ("Tekst: Ola Nordmann", ("Ola Nordmann",)),
        ("Автор: Иван Петров", ("Иван Петров",)),
        ("Oleh Budi Santoso", ("Budi Santoso",)),
        ("홍길동 기자", ("홍길동",)),
        ("记者 张三", ("张三",)),
        ("von Jana Petersen und Ole von Thun", ("Jana Petersen", "Ole von Thun")),
    ],
)
def test_names_are_cut_out_of_what_is_told(
    normalized: Normalized, page: Page, told: str, names: tuple[str, ...]
) -> None:
    article = normalized(page(head=f'<meta name="author" content="{told}">'))

    assert isinstance(article, Article)
    assert article.authors == names


def test_a_person_counts_and_the_paper_beside_does_not(normalized: Normalized, page: Page) -> None:
    article = normalized(page(head='<meta name="author" content="Ana Ruiz, Battle Creek Enquirer">'))

    assert isinstance(article, Article)
    assert article.authors == ("Ana Ruiz",)


def test_the_name_of_a_house_is_not_taken_apart(normalized: Normalized, page: Page) -> None:
    house = {"@type": "NewsArticle", "headline": "x", "author": {"@type": "Organization", "name": "Marsh & Marsh"}}

    article = normalized(page(head=graph(house)))

    assert isinstance(article, Article)
    assert article.authors == ("Marsh & Marsh",)


def test_a_printed_byline_wins_over_a_name_that_the_page_prints_nowhere(normalized: Normalized, page: Page) -> None:
    login = '<meta name="author" content="Luke Marsh">'

    posted = normalized(page(head=login, before="<p>By: Ana Ruiz</p>"))
    helped = normalized(page(head=login, before="<p>By: Ana Ruiz</p><p>Luke Marsh, editor</p>"))

    assert isinstance(posted, Article)
    assert isinstance(helped, Article)
    assert (posted.authors, helped.authors) == (("Ana Ruiz",), ("Luke Marsh",))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("By the Harbour Team 2–3 minutes", "the Harbour Team"),
        ("by QUAY ONE on Jan 22, 2025", "QUAY ONE"),
        ("By 3i Global", "3i Global"),
    ],
)
def test_a_team_signs_where_no_person_does(normalized: Normalized, page: Page, line: str, name: str) -> None:
    article = normalized(page(before=f"<p>{line}</p>"))

    assert isinstance(article, Article)
    assert article.authors == (name,)


def test_the_label_of_the_author_is_known_in_the_language_of_the_site(normalized: Normalized, page: Page) -> None:
    told = '<meta name="twitter:label1" content="Scritto da"><meta name="twitter:data1" content="Mario Rossi">'

    article = normalized(page(head=told))

    assert isinstance(article, Article)
    assert article.authors == ("Mario Rossi",)


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


@pytest.mark.parametrize(
    ("title", "told", "heading", "headline"),
    [
        ("Gazette Blog: A small quay opens", "A small quay opens", "Gazette Blog", "A small quay opens"),
        ("Quay opens | Gazette", "Quay opens", "Quay opens to all – Gazette", "Quay opens to all"),
        ("How ships, Quay, and the town met after three long years", "", "Quay", None),
    ],
)
def test_a_masthead_is_no_headline(
    normalized: Normalized, page: Page, title: str, told: str, heading: str, headline: str | None
) -> None:
    html = page(head=f'<meta property="og:title" content="{told}"><meta property="og:site_name" content="Gazette">')
    html = html.replace("New quay opens after three years | Example Gazette", title)

    article = normalized(html.replace("<h1>New quay opens after three years</h1>", f"<h1>{heading}</h1>"))

    assert isinstance(article, Article)
    assert article.headline == (headline or title)


def test_a_headline_cut_for_machines_is_whole_elsewhere(normalized: Normalized, page: Page) -> None:
    whole = "The new quay opens after three years " + "of long and patient work by many hands " * 3 + "at last"
    node = {"@type": "NewsArticle", "headline": whole[:110]}

    html = page(head=graph(node) + f'<meta property="og:title" content="{whole}">').replace("h1>", "h2>")
    article = normalized(html)

    assert isinstance(article, Article)
    assert article.headline == whole


def test_an_address_with_two_slashes_names_its_host(normalized: Normalized, page: Page) -> None:
    article = normalized(page(), url="https://www.example.com/blog//new-quay-opens-after-three-years")

    assert isinstance(article, Article)
    assert article.headline == "New quay opens after three years"


def test_a_page_without_picture_has_no_lead_image(normalized: Normalized, page: Page) -> None:
    article = normalized(page())

    assert isinstance(article, Article)
    assert article.lead_image is None
