"""What holds for any plain-text capture."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker import artefacts
from worker.stages.normalize.lines import fold
from worker.stages.normalize.text import LineModel, normalize_text

ARTEFACT = artefacts.read("lines")
MODEL = LineModel.from_arrays(ARTEFACT.arrays, ARTEFACT.meta)
PIECES = ["Read more", "By Ana Ruiz", "CARACAS (Reuters) - ", "Photo: ", "©", "0", "\u00a0", "\u200b", "İ", "。", "𝒳"]
CAPTURES = st.lists(st.one_of(st.text(max_size=80), st.sampled_from(PIECES)), max_size=30).map("\n".join)


@settings(deadline=None, max_examples=60)
@given(CAPTURES)
def test_paragraphs_stand_in_the_capture_in_order(capture: str) -> None:
    whole = fold(capture)

    body = normalize_text(capture, title=None, model=MODEL)

    at = 0
    for paragraph in body.paragraphs:
        at = whole.index(paragraph, at) + len(paragraph)


@settings(deadline=None, max_examples=30)
@given(CAPTURES)
def test_same_capture_gives_the_same_article(capture: str) -> None:
    first = normalize_text(capture, title=None, model=MODEL)

    assert normalize_text(capture, title=None, model=MODEL) == first


@pytest.mark.parametrize(
    "capture",
    [
        "a " * 500_000,
        "By A" * 200_000,
        "(AP) - " * 100_000,
        "Credit\n" * 50_000,
        "Home > " * 100_000,
        "1,2.3 " * 150_000,
    ],
    ids=lambda text: text[:6],
)
def test_long_hostile_capture_ends_soon(capture: str) -> None:
    begun = time.process_time()

    normalize_text(capture, title=None, model=MODEL)

    assert time.process_time() - begun < 10  # seconds; no pattern may take quadratic time
