"""Feeds and news sitemaps, whole, odd and broken."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from worker.errors import BadCapture
from worker.models import BrokenRecord, Origin, RawCapture, Reference
from worker.plugins import recognize
from worker.references import joined

ARTICLE = "<p>The river rose by two metres on Monday.</p>" * 20
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def rss(*items: str, declaration: str = '<?xml version="1.0"?>') -> str:
    return (
        f'{declaration}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Desk</title>'
        f"<link>https://a.example/</link><language>en-gb</language>{''.join(items)}</channel></rss>"
    )


def item(content: str = ARTICLE, title: str = "River rises", author: str = "Ann Li") -> str:
    return (
        f'<item><title>{title}</title><link>/1?x=1&amp;y=2</link><guid isPermaLink="false">7</guid>'
        f"<pubDate>Fri, 02 Jan 2026 03:04:05 GMT</pubDate><dc:creator>{author}</dc:creator>"
        f"<description>Short.</description><content:encoded><![CDATA[{content}]]></content:encoded></item>"
    )


def test_an_item_with_its_article_is_a_capture(read: Any) -> None:
    [capture] = read("feed", rss(item()).encode())

    assert isinstance(capture, RawCapture)
    assert ARTICLE.encode() in capture.body
    assert b'<meta name="author" content="Ann Li">' in capture.body
    assert (capture.url, capture.title, capture.language) == ("https://a.example/1?x=1&y=2", "River rises", "en-gb")
    assert capture.description == "Short."
    assert (capture.published_at, capture.published_source, capture.external_id) == (MOMENT, "feed", "7")


@pytest.mark.parametrize("content", ["A teaser.", ARTICLE + "<p>And then […]</p>", ARTICLE + "Read more »"])
def test_an_item_with_a_teaser_is_a_reference_with_its_date(read: Any, content: str) -> None:
    [reference] = read("feed", rss(item(content)).encode())

    assert isinstance(reference, Reference)
    assert (reference.url, reference.title) == ("https://a.example/1?x=1&y=2", "River rises")
    assert (reference.published_at, reference.publisher) == (MOMENT, "The Desk")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("&lt;p&gt;A &lt;b&gt;short&lt;/b&gt; one.&lt;/p&gt;&lt;a&gt;Read more&lt;/a&gt;", "A short one."),
        ("A short one. The post River rises appeared first on The Desk.", "A short one."),
        (" ".join(["Rivers rise."] * 60), None),
    ],
)
def test_the_summary_of_an_item_is_told_beside_its_article(read: Any, told: str, kept: str | None) -> None:
    full = item().replace("<description>Short.", f"<description>{told}")

    [capture] = read("feed", rss(full).encode())

    assert capture.description == kept


def test_a_page_gets_the_summary_of_the_feed_that_points_to_it(read: Any) -> None:
    [reference] = read("feed", rss(item("A teaser.")).encode())
    page = RawCapture(url="https://a.example/1?x=1&y=2#top", body=b"", origin=Origin(location="-"))

    assert joined(page, reference).description == "Short."
    assert joined(page.model_copy(update={"description": "Its own."}), reference).description == "Its own."


def test_atom_is_read(read: Any) -> None:
    feed = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://a.example/"><title>T</title>
        <entry><title type="html">A &amp;amp; B</title><link rel="self" href="s"/><link href="7"/><id>u:1</id>
        <updated>2026-02-02T00:00:00Z</updated><published>2026-01-02T03:04:05Z</published><author><name>Bo</name></author>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{ARTICLE}</div></content></entry></feed>"""

    [capture] = read("feed", feed.encode())

    assert (capture.url, capture.title, capture.language) == ("https://a.example/7", "A & B", "de")
    assert capture.published_at == MOMENT
    assert b"<p>The river rose" in capture.body
    assert b'content="Bo"' in capture.body


def test_rss_1_is_read(read: Any) -> None:
    feed = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title><dc:language>no</dc:language></channel>
        <item><title>x</title><link>https://a.example/3</link><dc:date>2026-01-02T03:04:05Z</dc:date></item></rdf:RDF>"""

    [reference] = read("feed", feed.encode())

    assert (reference.url, reference.published_at) == ("https://a.example/3", MOMENT)
    assert (reference.language, reference.publisher) == ("no", "T")


def test_a_json_feed_is_read(read: Any) -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "T",
        "items": [
            {
                "id": 1,
                "url": "https://a.example/1",
                "content_html": ARTICLE,
                "summary": "Rain.",
                "date_published": "2026-01-02T03:04:05Z",
            },
            {"id": "https://a.example/2", "content_text": "Short.", "title": "River rises"},
            "not an item",
        ],
    }

    capture, reference, broken = read("feed", json.dumps(feed).encode())

    assert (capture.url, capture.external_id, capture.published_at) == ("https://a.example/1", "1", MOMENT)
    assert (capture.description, reference.description) == ("Rain.", "Short.")
    assert (reference.url, reference.title) == ("https://a.example/2", "River rises")
    assert (broken.reason, broken.origin.record) == ("invalid_record", 3)


def test_bare_ampersands_and_html_entities_are_mended(read: Any) -> None:
    [capture] = read("feed", rss(item(title="Salt & sea&nbsp;air &lt;b&gt;x&lt;/b&gt;")).encode())

    assert capture.title == "Salt & sea air x"


@pytest.mark.parametrize("declaration", ['<?xml version="1.0" encoding="windows-1251"?>', '<?xml version="1.0"?>'])
def test_a_cyrillic_feed_is_read_with_and_without_its_charset(read: Any, declaration: str) -> None:
    feed = rss(item(title="Река поднялась на два метра", author="Анна Иванова"), declaration=declaration)

    [capture] = read("feed", feed.encode("cp1251"))

    assert capture.title == "Река поднялась на два метра"


def test_a_cut_feed_gives_its_whole_items_and_says_so(read: Any) -> None:
    feed = rss(item(), item()).encode()

    capture, broken = read("feed", feed[:-300])

    assert isinstance(capture, RawCapture)
    assert broken.reason == "invalid_xml"
    assert "river" not in broken.detail


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE rss [<!ENTITY b "ha"><!ENTITY a "&b;&b;">]>',
    ],
)
def test_entities_are_not_followed(read: Any, doctype: str) -> None:
    feed = rss(item(author="&a;"), declaration=doctype).encode()

    [capture] = read("feed", feed)

    assert recognize(feed, "x") == "feed"
    assert b"author" not in capture.body


def test_a_news_sitemap_gives_titles_and_dates_by_url(read: Any) -> None:
    sitemap = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
        <url><loc> https://a.example/1 </loc><n:news><n:publication><n:name>The Desk</n:name><n:language>en</n:language>
        </n:publication><n:publication_date>2026-01-02T03:04:05Z</n:publication_date><n:title>River &amp; sea</n:title>
        </n:news></url><url><loc>https://a.example/2</loc></url><url><loc>nowhere</loc></url></urlset>"""

    first, second, broken = read("sitemap", sitemap)

    assert (first.url, first.title, first.published_at) == ("https://a.example/1", "River & sea", MOMENT)
    assert (first.publisher, first.language) == ("The Desk", "en")
    assert (second.url, second.published_at) == ("https://a.example/2", None)
    assert isinstance(broken, BrokenRecord)


def test_an_index_of_sitemaps_is_refused_with_a_remedy(read: Any) -> None:
    with pytest.raises(BadCapture, match="fetch those it names"):
        read("sitemap", b'<sitemapindex xmlns="x"><sitemap><loc>https://a.example/</loc></sitemap></sitemapindex>')
