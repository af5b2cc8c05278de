"""What plain text alone asks of the stage: batches, told summaries, scripts without stops, links to the source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from worker import artefacts
from worker.models import Article, BodyRef, Capture, Drop, Origin, RawCapture, digest_of
from worker.rules import NormalizeRules
from worker.stages.normalize import Models, explain, load_models, normalize, normalize_many

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STORY = """Home › Coast

Harbour opens its new quay

By Ana Ruiz

The harbour authority opened the new quay on Monday after three years of work and two winters of storms.

Fishermen had asked for it since the old wall cracked, the mayor said at the opening.
"""
PAGE = f"<html><body><h1>Quay</h1><p>{STORY.splitlines()[6]}</p><p>{STORY.splitlines()[8]}</p></body></html>"


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(artefacts.read)


def capture_of(body: bytes, **facts: Any) -> Capture:
    raw = RawCapture(**({"media_type": "text/plain"} | facts), body=body, origin=Origin(location="-"))
    return Capture.of(raw, BodyRef(digest=digest_of(body.hex()), size=len(body)))


def outcomes(bodies: Sequence[bytes], models: Models) -> list[Article | Drop]:
    items = [(capture_of(body, media_type=""), body) for body in bodies]
    return [make() for make in normalize_many(items, NormalizeRules(), models, NOW)]


def test_a_batch_gives_what_its_captures_give_one_by_one(models: Models) -> None:
    bodies = [
        STORY.encode(), b"", PAGE.encode(), b"\xe2\x80\x8b\n \n", "猫が港で見つかった。\n".encode() * 3,
        STORY.replace("quay", "quay\U0001f6a2").encode(), "İzmir’de yeni rıhtım açıldı.\n".encode() * 4, STORY.encode("cp1252", "replace"),
    ]  # fmt: skip

    together = outcomes(bodies, models)

    alone = [outcomes([body], models)[0] for body in bodies]
    assert together == alone


def test_a_capture_that_fails_takes_no_neighbour_of_its_batch_with_it(models: Models) -> None:
    class Lost(bytes):
        def strip(self, *_: Any) -> bytes:
            raise OSError("these bytes are gone")

    good = (capture_of(STORY.encode()), STORY.encode())
    makes = normalize_many([good, (good[0], Lost(b"x")), good], NormalizeRules(), models, NOW)

    assert isinstance(makes[0](), Article)
    with pytest.raises(OSError):
        makes[1]()
    assert isinstance(makes[2](), Article)


def test_a_dropped_capture_shows_its_lines_too(models: Models) -> None:
    body = b"Accept all\nShare this article\nSubscribe to our newsletter"

    explained = explain(capture_of(body), body, NormalizeRules(), models, NOW)

    assert isinstance(explained.outcome, Drop)
    assert [(block.text, block.kept) for block in explained.blocks] == [
        (line, False) for line in body.decode().splitlines()
    ]


def test_a_summary_that_was_told_becomes_the_description(models: Models) -> None:
    capture = capture_of(STORY.encode(), description="A quay,\n three years late.")

    made = normalize(capture, STORY.encode(), NormalizeRules(), models, NOW)

    assert isinstance(made, Article)
    assert made.description == "A quay, three years late."


def test_one_line_of_a_script_without_stops_is_an_article(models: Models) -> None:
    body = (
        "นายกรัฐมนตรีกล่าวเมื่อวันจันทร์ว่ารัฐบาลจะลงทุนสร้างทางรถไฟสายใหม่จากกรุงเทพฯ ไปยังเชียงใหม่ "
        "โดยใช้งบประมาณกว่าสองแสนล้านบาท และคาดว่าจะแล้วเสร็จภายในห้าปี"
    ).encode()

    made = normalize(capture_of(body), body, NormalizeRules(), models, NOW)

    assert isinstance(made, Article)
    assert made.language == "th"


def test_a_date_still_to_come_is_neither_headline_nor_date(models: Models) -> None:
    body = STORY.replace("By Ana Ruiz", "12 March 2031, 10:15").encode()

    made = normalize(capture_of(body), body, NormalizeRules(), models, NOW)

    assert isinstance(made, Article)
    assert (made.headline, made.published_at) == ("Harbour opens its new quay", None)


@pytest.mark.parametrize(
    ("said", "source", "canonical", "domain"),
    [
        ("Read the original at https://www.reuters.com/quay?utm_source=x", "https://www.reuters.com/quay", None, "reuters.com"),
        ("Originally published at www.example.com/quay/", None, "https://www.example.com/quay/", None),
        ("Tickets are sold at https://www.reuters.com/quay", None, None, None),
    ],
)  # fmt: skip
def test_a_link_to_the_source_is_a_field(
    models: Models, said: str, source: str | None, canonical: str | None, domain: str | None
) -> None:
    body = f"{STORY}\n{said}\n".encode()

    made = normalize(capture_of(body, url="https://www.example.com/news/1"), body, NormalizeRules(), models, NOW)

    assert isinstance(made, Article)
    assert (made.syndication_source, made.canonical_url) == (source, canonical)
    assert (made.original_publisher and made.original_publisher.domain) == domain
