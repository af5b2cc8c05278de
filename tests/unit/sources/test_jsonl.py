from __future__ import annotations

import json
from typing import Any

import pytest

from worker.models import BrokenRecord, RawCapture
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
