"""Names are found wherever they stand between blanks, in any text, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.artefacts import read
from worker.stages.classify.regions import Gazetteer
from worker.stages.classify.regions import names as naming
from worker.stages.classify.regions.names import Names

WORDS = ["a", "ab", "ba", "abba", "baab", "é", "дом", "🏠", "\ud800", "\n", ""]
sentences = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
keys = st.lists(sentences.filter(lambda key: "\n" not in key), min_size=1, max_size=8, unique=True)


def looked_for(names: list[str], folded: str) -> list[tuple[int, int, int]]:
    """What the names are by the plain words of the task: each beginning at a word and ending before a blank."""
    found = []
    for start in range(1, len(folded)):
        if folded[start - 1] == " " and folded[start] != " ":
            for end in range(len(folded) - 1, start, -1):
                if folded[end] == " " and folded[start:end] in names:
                    found.append((start, end, names.index(folded[start:end])))
    return found


@given(keys, sentences)
@example(["ab  ba", "ab", "ab "], "ab  ba  ab")
def test_every_name_between_blanks_is_found_and_nothing_else(names: list[str], text: str) -> None:
    table = Names("\n".join(names), np.ones(len(names), bool))
    folded = f" {text} "

    assert table.find(folded, folded, cased=True) == looked_for(names, folded)


@given(keys, sentences.filter(str.strip), st.integers(0, 40))
def test_a_long_text_is_no_different(names: list[str], text: str, shift: int) -> None:
    table = Names("\n".join(names), np.ones(len(names), bool))
    filler = "x" * (naming._WINDOW - 60 + shift)
    folded = f" {text} {filler} {text} {filler} {text} "

    one = looked_for(names, f" {text} ")
    step = len(text) + len(filler) + 2
    assert table.find(folded, folded, cased=False) == [
        (start + at * step, end + at * step, number) for at in range(3) for start, end, number in one
    ]


def test_a_name_that_must_be_large_is_not_looked_for_where_it_is_small() -> None:
    table = Names("reading\nitalian", np.array([False, True]))

    assert table.find(" he was reading italian ", " he was reading italian ", cased=True) == [(16, 23, 1)]
    assert table.find(" To Reading, ", " to reading  ", cased=True) == [(4, 11, 0)]
    assert table.find(" he was reading ", " he was reading ", cased=False) == [(8, 15, 0)]


@pytest.mark.parametrize("language", ["en", "de", "pl", "ru", "ar", "hi"])
def test_no_two_names_of_a_language_are_taken_for_each_other(language: str) -> None:
    gazetteer = Gazetteer.from_artefact(read("regions"))
    table = gazetteer.table(language)
    listed = gazetteer.listed(language)[-1].split("\n")
    hay = " " + " \n ".join(listed) + " "
    whole = {}
    at = 1
    for number, key in enumerate(listed):
        if key[:1].strip():
            whole[at, at + len(key)] = number
        at += len(key) + 3

    found = {(start, end): number for start, end, number in table.find_words(hay, hay, False)}

    assert {span: found.get(span) for span in whole} == whole
    assert len(listed) - len(whole) < 0.01 * len(listed)  # names whose first letter is a mark: `Ajlun
