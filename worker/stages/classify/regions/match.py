"""Names found in a text: every mention with its offsets and what it may denote."""

from __future__ import annotations

from collections.abc import Iterator

from worker.stages.classify.regions.fold import fold
from worker.stages.classify.regions.gazetteer import (
    AFTER_COMMA,
    ALL_CAPS,
    ANY_CASE,
    EVERYDAY,
    STOP,
    Entry,
    Place,
    Table,
)

LONGEST_NAME = 60  # characters looked at behind a match that stopped inside a word

# What may follow a Korean name without a space: particles, and the endings of peoples, armies and offices.
_KOREAN_NEXT = frozenset(
    "은는이가을를의에와과도로으만까부산인군측계내발행어당전서선현정대총외국등및간보한처령땅남북동연"
)
_MARK_BLOCKS = (
    ("\u0300", "\u036f"),
    ("\u0610", "\u061a"),
    ("\u064b", "\u065f"),
    ("\u0900", "\u0963"),
    ("\u200c", "\u200d"),
)


class Mention:
    """One name in one field. `place` is what it was taken for; None until resolved, or when it is no place."""

    __slots__ = ("contained", "end", "entry", "field", "place", "start", "surface", "text")

    def __init__(self, text: str, field: str, start: int, end: int, entry: Entry) -> None:
        self.text = text
        self.field = field
        self.start = start
        self.end = end
        self.surface = text[start:end]
        self.entry = entry
        self.place: Place | None = None
        self.contained = False  # fixed by the name that follows: "Birmingham, Ala."


def mentions(text: str, field: str, table: Table) -> list[Mention]:
    """The names of `table` in `text`, in order and without overlap; phrases that are no place are left out."""
    if not text:
        return []
    folded = fold(text)
    shouting = table.cased and text.isupper()
    found: list[Mention] = []
    for key, start, end in _whole_names(folded, table):
        entry = table.entry(key)
        flags = entry.flags
        if entry.places[0].kind == STOP:
            continue
        if table.cased:
            first = text[start]
            if not flags & ANY_CASE and first.islower():
                continue
            if shouting and flags & (EVERYDAY | ALL_CAPS):
                continue
            if flags & ALL_CAPS and not text[start:end].isupper():
                continue
        if flags & AFTER_COMMA and not (
            text[start - 2 : start] == ", " and text[start:end].isalpha() == (end - start == 2)
        ):
            continue
        found.append(Mention(text, field, start, end, entry))
    return found


def _whole_names(folded: str, table: Table) -> Iterator[tuple[int, int, int]]:
    """Key, start and end of the names that stop with their word, in order and without overlap.

    A match that stops inside a word ("the D" in "the Democratic Republic of Congo") hides the names that begin in it:
    there the text is looked at once more from the next letter on.
    """
    margin, size = table.margin, len(folded)
    hay = " " + folded if margin else folded
    taken = 0
    for match in table.find(hay):
        key, start, stop = match
        if start < taken:
            continue
        while stop - margin < size and not _ends(folded, start, stop - margin, table):
            again = next(iter(table.find(hay[start + 1 : stop + LONGEST_NAME])), None)
            if again is None or start + 1 + again[1] >= stop:
                break
            key, start, stop = again[0], start + 1 + again[1], start + 1 + again[2]
        else:
            taken = stop
            yield key, start, stop - margin


def _ends(folded: str, start: int, end: int, table: Table) -> bool:
    """Whether a name that stops at `end` stops with its word."""
    after = folded[end]
    if table.writing == "spaced":
        return not (after.isalnum() or _is_mark(after))
    if table.writing == "glued":
        return not after.isalnum() or after in _KOREAN_NEXT or not "\uac00" <= after <= "\ud7a3"
    if _is_katakana(after) and _is_katakana(folded[end - 1]):
        return False
    before = folded[start - 1] if start else " "
    return not (_is_katakana(before) and _is_katakana(folded[start])) and not (
        before.isascii() and before.isalnum() and folded[start].isascii()
    )


def _is_katakana(char: str) -> bool:
    return "\u30a1" <= char <= "\u30fa" or char == "ー"


def _is_mark(char: str) -> bool:
    return char > "\u02ff" and any(low <= char <= high for low, high in _MARK_BLOCKS)
