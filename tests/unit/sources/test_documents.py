"""Single documents: html, text, and what is neither."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.plugins import recognize
from worker.sources import media_type_of, time_of

WORDS = b"The river rose by two metres on Monday. "


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<!DOCTYPE html><p>Hi", "html"),
        (b"\xef\xbb\xbf \n<!-- saved --><HTML lang=en>", "html"),
        ("\ufeff<html><body>hei</body></html>".encode("utf-16-le"), "html"),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html>', "html"),
        (b"<div><p>a</p><p>b</p><p>c</p></div>", "html"),
        (WORDS * 9, "text"),
        ("Новости дня. ".encode("cp1251") * 9, "text"),
        (b'{"url": "https://a.example/", "text": "hi"}\n', "jsonl"),
        (b"\x00\x01\x02\x03" * 99, "text"),
        (b"%PDF-1.7\n%\xe2\xe3", "text"),
        (b"", "text"),
    ],
)
def test_content_tells_the_kind(head: bytes, kind: str) -> None:
    found = recognize(head, "unknown")

    assert found == kind


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b"\x89PNG\r\n\x1a\n", "image/png"), (b"%PDF-1.7", "application/pdf"), (b"\x00" * 50, "application/octet-stream")],
)
def test_a_binary_file_is_passed_on_as_what_it_is(read: Any, body: bytes, media_type: str) -> None:
    [capture] = read("text", body)

    assert capture.media_type == media_type
    assert capture.body == body


def test_an_empty_file_is_a_capture_of_nothing(read: Any) -> None:
    [capture] = read("text", b"")

    assert capture.body == b""


def test_front_matter_becomes_facts_and_leaves_the_body(read: Any) -> None:
    document = b"---\nurl: https://a.example/x\ndate: 2026-01-02\ntitle: 'Rivers: up'\nmood: calm\n---\nRiver rises\n"

    [capture] = read("text", document)

    assert capture.body == b"River rises\n"
    assert (capture.url, capture.title) == ("https://a.example/x", "Rivers: up")
    assert capture.published_at == datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "document", [b"---\nHe said no.\n---\nSo they left.\n", b"---\nurl: https://a.example/\nno end\n"]
)
def test_a_text_that_opens_with_a_rule_stays_whole(read: Any, document: bytes) -> None:
    [capture] = read("text", document)

    assert capture.body == document


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("Fri, 02 Jan 2026 03:04:05 GMT", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("20260102030405", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (1767323045, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (1767323045000, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (True, None),
        (1e300, None),
        (float("nan"), None),
        (["2026"], None),
    ],
)
def test_a_time_is_read_in_the_forms_people_have(told: object, moment: datetime | None) -> None:
    assert time_of(told) == moment


def test_svg_and_feeds_are_not_pages() -> None:
    assert media_type_of(b'<?xml version="1.0"?><rss version="2.0"><channel>') == "application/xml"


def test_the_comment_of_singlefile_gives_address_and_time_and_its_pictures_are_cut(read: Any) -> None:
    picture = b"data:image/png;base64," + b"iVBORw0KGgo" * 100
    comment = (
        b"<!--\n Page saved with SingleFile \n url: https://a.example/story \n"
        b" saved date: Fri Jan 02 2026 04:04:05 GMT+0100 (Central European Standard Time)\n-->"
    )

    [capture] = read("html", b"<!DOCTYPE html> <html>" + comment + b'<img src="' + picture + b'"><p>River</p>')

    assert (capture.url, capture.captured_at) == ("https://a.example/story", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert capture.body.endswith(b'<img src="data:,"><p>River</p>')


def test_the_comment_of_a_browser_gives_the_address(read: Any) -> None:
    page = b"<!DOCTYPE html>\n<!-- saved from url=(0023)https://a.example/story -->\n<p>River</p>"

    [capture] = read("html", page)

    assert (capture.url, capture.body) == ("https://a.example/story", page)
