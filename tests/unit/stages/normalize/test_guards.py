"""Hostile bytes are refused before any parser sees them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from worker.models import Article, Drop

Normalized = Callable[..., Article | Drop]
MAX_CPU_S = 2.0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "unsupported_type"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40, "unsupported_type"),
        (b"%PDF-1.7\n%\xe2\xe3", "unsupported_type"),
        (b"\x1f\x8b\x08" + bytes(2000), "unsupported_type"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "unsupported_type"),
        (b"text " + bytes(500) + b" text" * 40, "unsupported_type"),
        (b"x" * (9 * 1024 * 1024), "too_large"),
        (b"<div>" * 50_000, "too_deep"),
        (b"<html><body><p" + b"".join(b" a%d=1" % i for i in range(50_000)) + b">x</p>", "too_many_attributes"),
        (b"<html><body><p>" + b"word " * 500_000 + b"</p>", "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(bytes(value[:12])),
)
def test_what_no_parser_should_see_is_dropped_with_its_reason(normalized: Normalized, body: bytes, reason: str) -> None:
    started = time.process_time()

    outcome = normalized(body)

    assert isinstance(outcome, Drop)
    assert outcome.reason == reason
    assert time.process_time() - started < MAX_CPU_S


@pytest.mark.parametrize("start", ["BMW ", "OTTO ", "ID3 ", "GIF ", "MZ ", "PK "])
def test_words_that_look_like_magic_bytes_are_words(
    normalized: Normalized, start: str, sentences: tuple[str, ...]
) -> None:
    outcome = normalized(start + " ".join(sentences), media_type="text/plain")

    assert isinstance(outcome, Article)


def test_paragraphs_and_rows_that_are_never_closed_are_not_deep(
    normalized: Normalized, page: Callable[..., str]
) -> None:
    unclosed = "".join(
        f"<p>The council met for the {i}th time on Monday to speak about the quay." for i in range(12_000)
    )

    outcome = normalized(page(after=unclosed))

    assert isinstance(outcome, Article)


def test_pictures_inside_the_page_are_not_text(normalized: Normalized, page: Callable[..., str]) -> None:
    picture = f'<img src="data:image/png;base64,{"iVBORw0K" * 400_000}">'

    outcome = normalized(page(before=picture))

    assert isinstance(outcome, Article)
