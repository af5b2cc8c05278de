"""Text as the matcher reads it: small letters, every mark a space, every character still in its place."""

from __future__ import annotations

# Full stops are marks too: "U.S." is written "u s " in the gazetteer. The list is closed so that folding stays a
# handful of memory scans; a mark outside it only hides the name it touches.
_MARKS = (
    ".,;:!?()[]{}\"'’‘“”„‚«»‹›–—‑‐-−/\\|\n\t\r\u00a0\u2009\u202f*&…•·<>_+=@#%~`´^¿¡"
    "،؛؟。、,:;!?（）「」『』《》〈〉【】〔〕・।"
)


_ASCII_SPACES = str.maketrans({mark: " " for mark in _MARKS if mark.isascii()})


def spaced(text: str) -> str:
    """`text` with every mark turned to a space; as long as `text`.

    >>> spaced("U.S.-led, in İzmir")
    'U S  led  in İzmir'
    """
    if text.isascii():
        return text.translate(_ASCII_SPACES)
    for mark in _MARKS:
        text = text.replace(mark, " ")
    return text


def lowered(text: str) -> str:
    """`text` in small letters; as long as `text`, so offsets stay true."""
    return text.replace("İ", "i").lower()  # the one character whose small form is longer


def fold(text: str) -> str:
    """`text` in small letters with marks turned to spaces; as long as `text`.

    >>> fold("U.S.-led, in İzmir")
    'u s  led  in izmir'
    """
    return lowered(spaced(text))
