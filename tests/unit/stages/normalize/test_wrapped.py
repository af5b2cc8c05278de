"""Paragraphs that a column broke into lines, and lines that only look so."""

from __future__ import annotations

import textwrap

import pytest

from worker.stages.normalize.text.wrapped import unwrap

PARAGRAPHS = (
    "The harbour authority opened the new quay on Monday after three years of work, and the first ships tied up soon.",
    "Engineers had found cracks in the old wall, so ships of more than forty metres were sent elsewhere for a winter.",
    "A second quay is to follow next year, the mayor said, if the council finds the money for it before the summer.",
)


@pytest.mark.parametrize("column", [60, 65, 72, 76, 80])
def test_paragraphs_broken_at_a_column_are_whole_again(column: int) -> None:
    wrapped = "\n\n".join(textwrap.fill(paragraph, column) for paragraph in PARAGRAPHS)

    assert unwrap(wrapped) == "\n\n".join(PARAGRAPHS)


def test_indent_begins_a_paragraph_where_no_blank_line_does() -> None:
    wrapped = "\n".join(textwrap.fill(paragraph, 72, initial_indent="   ") for paragraph in PARAGRAPHS)

    assert [line.strip() for line in unwrap(wrapped).split("\n")] == list(PARAGRAPHS)


def test_headline_above_its_paragraph_stays_alone() -> None:
    wrapped = "Harbour opens its new quay\n" + "\n\n".join(textwrap.fill(paragraph, 72) for paragraph in PARAGRAPHS)

    assert unwrap(wrapped).split("\n")[0] == "Harbour opens its new quay"


def test_word_broken_at_its_own_hyphen_is_whole_again() -> None:
    text = "The long-awaited report on the well-known harbour-side warehouses names twenty-two owners of the run-down site."
    wrapped = "\n\n".join(textwrap.fill(text, column) for column in (50, 50, 50))

    assert unwrap(wrapped) == "\n\n".join([text] * 3)


def test_wide_signs_are_joined_without_a_blank() -> None:
    sentence = "港口管理局星期一宣布新码头正式启用，工程历时三年，耗资低于原先的预算。" * 4
    wrapped = "\n".join(textwrap.wrap(sentence, 40))

    assert unwrap(wrapped) == sentence


@pytest.mark.parametrize(
    "text",
    [
        "Home\nWorld\nSport\nCulture\nThis is the only longer line of a whole menu here\nLogin\nSearch\nPrivacy",
        "I wandered by the harbour wall\nand saw the ferries go;\nthe gulls were loud, the boats were small,\n"
        "the tide was running low.\nA lamp was lit, a door was shut,\nand someone called my name.",
        "- Ferry fares rise again in the spring after a long quarrel with the owner\n"
        "- Storm closes the coast road for a second night and schools stay shut in\n"
        "- Museum of the sea asks for old photographs of the harbour and its ships\n"
        "- Mayor will not stand again, she tells the council in a letter on Monday",
        "One paragraph a line, and each is longer than any column that a mail program would break it at, as here.\n"
        * 4,
        "Short.\nShorter.",
        "",
    ],
    ids=["menu", "verse", "list", "long lines", "two lines", "nothing"],
)
def test_lines_that_no_column_broke_stay(text: str) -> None:
    assert unwrap(text) == text


def test_wrapped_capture_gives_whole_paragraphs(normalized) -> None:  # type: ignore[no-untyped-def]
    wrapped = "Harbour opens its new quay\n\n" + "\n\n".join(textwrap.fill(p, 72) for p in PARAGRAPHS)

    article = normalized(wrapped, media_type="text/plain")

    assert article.text == PARAGRAPHS
    assert article.headline == "Harbour opens its new quay"
