from __future__ import annotations

import json
from typing import Any

import pytest

from worker.errors import BadCapture, ConfigError
from worker.models import BrokenRecord, RawCapture
from worker.plugins import check_source, recognize
from worker.sources import jsonl

GOOD = json.dumps({"url": "https://a.example/", "text": "River rises"}).encode()


def test_a_record_becomes_a_capture_with_its_facts(read: Any) -> None:
    record = {
        "url": "https://a.example/1",
        "html": "<p>Ærlig",
        "title": "T",
        "captured_at": "2026-01-02T03:04:05Z",
        "source": "wire",
        "publisher_country": "NO",
        "id": 7,
    }

    [capture] = read("jsonl", json.dumps(record).encode())

    assert capture.body.decode(capture.charset) == "<p>Ærlig"
    assert (capture.media_type, capture.title, capture.source) == ("text/html", "T", "wire")
    assert (capture.publisher_country, capture.external_id) == ("NO", "7")
    assert capture.captured_at.isoformat() == "2026-01-02T03:04:05+00:00"


def test_a_bad_line_17_is_named_and_the_rest_goes_on(read: Any) -> None:
    lines = [GOOD] * 20
    lines[16] = b'{"url": "https://a.example/", "text": "cut'

    items = read("jsonl", b"\n".join(lines))

    [broken] = [item for item in items if isinstance(item, BrokenRecord)]
    assert broken.reason == "invalid_json"
    assert (broken.origin.location, broken.origin.record) == ("here", 17)
    assert broken.origin.offset == 16 * (len(GOOD) + 1)
    assert broken.body.startswith(b'{"url"')
    assert len(items) == 20


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"url": "x", "text": "\xe6rlig"}', "wrong_encoding"),
        (b"[" * 100_000, "invalid_json"),
        (b"1" * 5000, "invalid_json"),
        (b'["a"]', "invalid_record"),
        (b'{"url": "https://a.example/"}', "invalid_record"),
        (b'{"url": 7, "text": "a"}', "invalid_record"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(read: Any, line: bytes, reason: str) -> None:
    broken, after = read("jsonl", line + b"\n" + GOOD)

    assert broken.reason == reason
    assert broken.detail
    assert isinstance(after, RawCapture)


def test_an_endless_line_is_passed_over(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_DOCUMENT_BYTES", 1000)

    broken, after = read("jsonl", b'{"text": "' + b"x" * 5000 + b'"}\n' + GOOD)

    assert broken.reason == "too_large"
    assert (after.origin.record, after.origin.offset) == (2, 5013)


def test_a_resume_keeps_the_line_numbers(read: Any) -> None:
    [_, _, last] = read("jsonl", b"\n".join([GOOD] * 3))

    [resumed] = read("jsonl", b"\n".join([GOOD] * 3), start=last.origin.offset)

    assert resumed == last


def test_half_characters_are_replaced(read: Any) -> None:
    [capture] = read("jsonl", b'{"url": "https://a.example/\\ud800", "text": "a\\ud800"}')

    assert (capture.url, capture.body) == ("https://a.example/?", b"a?")


def test_blank_lines_and_a_byte_order_mark_do_no_harm(read: Any) -> None:
    items = read("jsonl", b"\xef\xbb\xbf" + GOOD + b"\r\n\r\n" + GOOD + b"\n")

    assert [item.origin.record for item in items] == [1, 3]


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (
            {"maintext": "Elva", "date_publish": "2026-01-02 03:04:05", "source_domain": "a.example", "title": "T"},
            ("a.example", "T", "2026-01-02T03:04:05+00:00", None),
        ),
        (
            {
                "html": {"content": "<p>Elva", "responded_url": "u", "crawl_date": "2026-01-03"},
                "publishing_date": "2026-01-02",
            },
            ("default", None, "2026-01-02T00:00:00+00:00", "2026-01-03T00:00:00+00:00"),
        ),
        (
            {"text": "Elva", "timestamp": "2026-01-03T00:00:00Z", "url": "u"},
            ("default", None, None, "2026-01-03T00:00:00+00:00"),
        ),
        (
            {"text": "Elva", "id": "7", "metadata": {"url": "u", "date": "2026-01-03"}},
            ("default", None, None, "2026-01-03T00:00:00+00:00"),
        ),
        (
            {"link": "u", "headline": "T", "body": "Elva", "scraped_at": 1767398400, "spider": "coast"},
            ("coast", "T", None, "2026-01-03T00:00:00+00:00"),
        ),
    ],
    ids=["news-please", "fundus", "c4", "datatrove", "scrapy"],
)
def test_the_records_of_other_tools_are_known_by_their_keys(
    read: Any, record: dict[str, Any], told: tuple[str, ...]
) -> None:
    [capture] = read("jsonl", json.dumps(record).encode())

    moments = [moment.isoformat() if moment else None for moment in (capture.published_at, capture.captured_at)]
    assert (capture.source, capture.title, *moments) == told
    assert b"Elva" in capture.body


def test_the_owner_maps_other_keys(read: Any) -> None:
    record = {"where": {"link": "u"}, "story": "Elva", "text": "Teaser"}

    [capture] = read("jsonl", json.dumps(record).encode(), fields={"url": "where.link", "text": ["none", "story"]})

    assert (capture.url, capture.body) == ("u", b"Elva")


@pytest.mark.parametrize(
    "options", [{"preset": "wget"}, {"fields": {"link": "url"}}, {"fields": {"url": ""}}, {"keys": {}}]
)
def test_a_wrong_mapping_is_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"sources.toml: source 'wire' \(jsonl\)"):
        check_source("wire", "jsonl", options)


def test_a_source_without_options_refuses_any() -> None:
    with pytest.raises(ConfigError, match="preset"):
        check_source("pages", "html", {"preset": "own"})


@pytest.mark.parametrize(
    ("content", "offsets"),
    [
        (b"[\n" + GOOD + b",\n" + GOOD + b"\n]\n", [2, 4 + len(GOOD)]),
        (b"[" + GOOD + b",\n" + GOOD + b"]", [0, 3 + len(GOOD)]),
        (b"[" + GOOD + b"," + GOOD + b"]", [0, 0]),
        (json.dumps([json.loads(GOOD)] * 2, indent=2).encode(), [0, 0]),
    ],
)
def test_a_json_list_is_read(read: Any, content: bytes, offsets: list[int]) -> None:
    items = read("jsonl", content)

    assert [(item.body, item.origin.offset) for item in items] == [(b"River rises", offset) for offset in offsets]
    assert recognize(content, "x") == "jsonl"


def test_one_object_over_many_lines_is_one_record(read: Any) -> None:
    [capture] = read("jsonl", json.dumps({"maintext": "Elva", "url": "u"}, indent=4).encode())

    assert (capture.url, capture.body) == ("u", b"Elva")


def test_a_cut_json_document_says_where(read: Any) -> None:
    with pytest.raises(BadCapture, match=r"here: not JSON: .* in line 3"):
        read("jsonl", json.dumps({"maintext": "Elva", "url": "u"}, indent=4).encode()[:-3] + b"\n")
