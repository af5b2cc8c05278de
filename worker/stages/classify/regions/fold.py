"""Text as the matcher reads it: small letters, every mark a space, every character still in its place."""

from __future__ import annotations

# Full stops are marks too: "U.S." is written "u s " in the gazetteer. The list is closed so that folding stays a
# handful of memory scans; a mark outside it only hides the name it touches.
_MARKS = (
    ".,;:!?()[]{}\"'’‘“”„‚«»‹›–—‑‐-−/\\|\n\t\r\u00a0\u2009\u202f*&…•·<>_+=@#%~`´^¿¡"
    "،؛؟。、,:;!?（）「」『』《》〈〉【】〔〕・।"
)


def fold(text: str) -> str:
    """`text` in small letters with marks turned to spaces; as long as `text`, so offsets stay true.

    >>> fold("U.S.-led, in İzmir")
    'u s  led  in izmir'
    """
    folded = text.replace("İ", "i").lower()  # the one character whose small form is longer
    for mark in _MARKS:
        folded = folded.replace(mark, " ")
    return folded
