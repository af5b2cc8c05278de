"""What holds for any plain-text capture."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker import artefacts
from worker.stages.normalize.lines import fold, read_many
from worker.stages.normalize.text import LineModel, normalize_text

ARTEFACT = artefacts.read("lines")
MODEL = LineModel.from_arrays(ARTEFACT.arrays, ARTEFACT.meta)
PIECES = ["Read more", "By Ana Ruiz", "CARACAS (Reuters) - ", "Photo: ", "©", "0", "\u00a0", "\u200b", "İ", "。", "𝒳"]
CAPTURES = st.lists(st.one_of(st.text(max_size=80), st.sampled_from(PIECES)), max_size=30).map("\n".join)
BREAK = re.compile("\r\n?|[\n\x0b\x0c\x85\u2028\u2029]")
BLANKS = st.text(alphabet="ab \t\n\r\x0b\x1c\x85\u00a0\u200b\u2009\u2028\u3000İ𝒳", max_size=12)


@settings(deadline=None, max_examples=300)
@given(st.lists(BLANKS, max_size=4))
def test_lines_read_together_are_those_of_each_capture_folded(captures: list[str]) -> None:
    read = read_many(captures)

    apart = [[fold(line) for line in BREAK.split(capture)] for capture in captures]
    assert read.text == [line for lines in apart for line in lines if line]
    assert read.number == [at for lines in apart for at, line in enumerate(lines, 1) if line]
    assert read.captures == [at for at, lines in enumerate(apart) if any(lines)]
    assert [len(passage.text) for passage in read.split()] == [sum(map(bool, lines)) for lines in apart if any(lines)]


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
