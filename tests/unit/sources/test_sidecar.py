"""A JSON file beside a document says what the document does not."""

from __future__ import annotations

import json
from pathlib import Path

from worker.intake import read
from worker.models import BrokenRecord, CaptureFacts, RawCapture

STORY = "The harbour authority opened the new quay on Monday."


def test_a_sidecar_tells_address_and_date_and_is_no_capture_itself(tmp_path: Path) -> None:
    (tmp_path / "quay.txt").write_text(STORY)
    (tmp_path / "quay.txt.json").write_text(
        json.dumps({"url": "https://news.example/quay", "date": "2026-01-05", "id": 7, "other": ["passed", "over"]})
    )

    (capture,) = read([str(tmp_path)], defaults=CaptureFacts(source="desk"))

    assert isinstance(capture, RawCapture)
    assert (capture.url, capture.source, capture.external_id) == ("https://news.example/quay", "desk", "7")
    assert capture.published_at is not None
    assert capture.published_at.isoformat() == "2026-01-05T00:00:00+00:00"
    assert capture.body == STORY.encode()


def test_front_matter_speaks_louder_than_the_sidecar(tmp_path: Path) -> None:
    (tmp_path / "quay.txt").write_text(f"---\nurl: https://news.example/own\n---\n{STORY}")
    (tmp_path / "quay.txt.json").write_text('{"url": "https://news.example/beside", "title": "A quay"}')

    (capture,) = read([str(tmp_path / "quay.txt")])

    assert isinstance(capture, RawCapture)
    assert (capture.url, capture.title) == ("https://news.example/own", "A quay")


def test_a_page_may_have_a_sidecar_too(tmp_path: Path) -> None:
    (tmp_path / "quay.html").write_text(f"<!doctype html><title>Quay</title><p>{STORY}</p>")
    (tmp_path / "quay.html.json").write_text('{"url": "https://news.example/page"}')

    (capture,) = read([str(tmp_path)])

    assert isinstance(capture, RawCapture)
    assert capture.url == "https://news.example/page"


def test_a_broken_sidecar_is_told_and_its_document_is_read(tmp_path: Path) -> None:
    (tmp_path / "quay.txt").write_text(STORY)
    (tmp_path / "quay.txt.json").write_text('{"url": ')

    told, capture = read([str(tmp_path)])

    assert isinstance(told, BrokenRecord)
    assert not told.lost
    assert told.origin.location.endswith("quay.txt.json")
    assert isinstance(capture, RawCapture)
    assert capture.url is None


def test_json_beside_nothing_is_read_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "quay.json").write_text(json.dumps([{"url": "https://news.example/quay", "text": STORY}]))

    (capture,) = read([str(tmp_path)])

    assert isinstance(capture, RawCapture)
    assert capture.url == "https://news.example/quay"
