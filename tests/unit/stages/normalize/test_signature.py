"""Who signed a page that has no byline: behind a label, at the end of the text, or by a name the page speaks of."""

from __future__ import annotations

import pytest

from worker.stages.normalize.metadata.printed import read_signature

TEXT = ("The harbour authority opened the new quay on Monday after three years of work.",)


@pytest.mark.parametrize(
    ("head", "tail", "whole", "names"),
    [
        (("Written by", "Ana Ruiz", "3 March 2026"), (), (), ("Ana Ruiz",)),
        (("By", "The Harbour Team", "|"), (), (), ("The Harbour Team",)),
        ((), (*TEXT, "Article by", "Ana Ruiz"), (), ("Ana Ruiz",)),
        ((), (*TEXT, "This post was written by Ana Ruiz, Head of Marketing"), (), ("Ana Ruiz",)),
        (("Ana Ruiz", "3 March 2026"), (), ("Ana Ruiz is a reporter in Bergen.",), ("Ana Ruiz",)),
        (("Ana Ruiz", "3 March 2026"), (), ("All articles by Ana Ruiz",), ("Ana Ruiz",)),
    ],
)
def test_a_signature_is_read(
    head: tuple[str, ...], tail: tuple[str, ...], whole: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert read_signature(head, tail, whole) == names


def test_a_name_alone_that_nothing_speaks_of_may_be_a_section() -> None:
    assert read_signature(("Machine Learning", "3 March 2026"), TEXT, ("Machine Learning", *TEXT)) == ()


def test_a_sentence_behind_a_label_is_no_name() -> None:
    assert read_signature(("By", "Monday the rain had stopped and the roads were dry."), (), ()) == ()
