"""Names found in a text: every mention with its offsets and what it may denote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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

LOT_CHARS = 32_000  # the running sums of so many fill a quarter of a megabyte
LONGEST_NAME = 60  # characters looked at behind a match that stopped inside a word

_BETWEEN = " \n "  # no name goes over it: a folded text has no newline
_NARROW = ALL_CAPS | AFTER_COMMA | EVERYDAY

# What may follow a Korean name without a space: particles, and the endings of peoples, armies and offices.
_KOREAN_NEXT = frozenset(
    "들은는이가을를의에와과도로으만까부산인군측계내발행어당전서선현정대총외국등및간보한처령땅남북동연"
)


class Mention:
    """One name in one field. `place` is what it was taken for; None until resolved, or when it is no place."""

    __slots__ = (
        "contained",
        "country",
        "end",
        "entry",
        "field",
        "in_dateline",
        "place",
        "start",
        "strong",
        "surface",
        "text",
        "titled",
        "weight",
    )
    # Known when a mention is weighed: its share in the verdict, of which country, and whether it speaks for itself.
    weight: float
    country: str
    strong: bool
    in_dateline: bool

    def __init__(self, text: str, field: str, start: int, end: int, entry: Entry, titled: bool) -> None:
        self.text = text
        self.field = field
        self.start = start
        self.end = end
        self.surface = text[start:end]
        self.entry = entry
        self.titled = titled  # every word of the field has a capital, or every noun: they say nothing of a name
        self.place: Place | None = None
        self.contained = False  # fixed by another name: "Birmingham, Ala.", "Paris" beside "Lamar County"


def mentions(fields: Sequence[tuple[str, str]], table: Table) -> list[list[Mention]]:
    """The names of `table` in each field and its text, in order and without overlap; phrases that are no place are left
    out. Many texts at once take little longer than one.
    """
    named = _by_word if table.writing == "spaced" else _by_letter
    return [found for lot in _lots(fields) for found in named(lot, table)]


def _by_word(fields: Sequence[tuple[str, str]], table: Table) -> list[list[Mention]]:
    """Of each field the longest names that begin at a word; only those written as they must be."""
    entries, cased = table.entries, table.cased
    found: list[list[Mention]] = [[] for _ in fields]
    following = iter(zip(fields, found, strict=True))
    field, text, titled, shouting = "", "", False, False
    texts = [text for _, text in fields]
    offset = taken = 0
    behind = 1 - len(_BETWEEN)  # the first begins after one blank
    for start, end, key in table.find_words(_joined(texts), _joined([fold(text) for text in texts]), cased):
        while start >= behind:
            (field, text), named = next(following)
            titled, shouting = _titled(field, table), cased and text.isupper()
            offset = behind + len(_BETWEEN)
            behind = offset + len(text)
        if start < taken:
            continue
        entry = entries.get(key) or table.entry(key)
        flags = entry.flags
        begin = start - offset
        if cased and not flags & ANY_CASE and text[begin].islower():
            continue
        if cased and flags & _NARROW and not _is_written(flags, text, begin, end - offset, shouting):
            continue
        taken = end
        if entry.kind != STOP:
            named.append(Mention(text, field, begin, end - offset, entry, titled))
    return found


def _titled(field: str, table: Table) -> bool:
    return field != "text" or table.language == "de"


def _lots(fields: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Fields that are looked through together: as many as stay near the processor."""
    lot: list[tuple[str, str]] = []
    size = 0
    for field in fields:
        chars = len(field[1])
        if lot and size + chars > LOT_CHARS:
            yield lot
            lot, size = [], 0
        lot.append(field)
        size += chars
    if lot:
        yield lot


def _joined(texts: Sequence[str]) -> str:
    return f" {_BETWEEN.join(texts)} "


def _is_written(flags: int, text: str, start: int, end: int, shouting: bool) -> bool:
    """Whether a name that counts only in capitals or after a comma is written so."""
    if flags & (ALL_CAPS | EVERYDAY) and (shouting or (flags & ALL_CAPS and not text[start:end].isupper())):
        return False
    if flags & AFTER_COMMA:
        return text[start - 2 : start] == ", " and (end - start > 2 or text[start:end].isupper())
    return True


def _by_letter(fields: Sequence[tuple[str, str]], table: Table) -> Iterator[list[Mention]]:
    """Of each field the names that stop with their word."""
    for field, text in fields:
        titled = _titled(field, table)
        yield [
            Mention(text, field, start, end, entry, titled)
            for entry, start, end in _names_by_letter(fold(text), table)
            if entry.kind != STOP
        ]


def _names_by_letter(folded: str, table: Table) -> Iterator[tuple[Entry, int, int]]:
    """What each name that stops with its word may denote, with its start and end, in order and without overlap.

    A match that stops inside a word hides the names that begin in it: there the text is looked at once more from the
    next letter on.
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
            yield table.entry(key), start, stop - margin


def _ends(folded: str, start: int, end: int, table: Table) -> bool:
    """Whether a name that stops at `end` stops with its word."""
    after = folded[end]
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
