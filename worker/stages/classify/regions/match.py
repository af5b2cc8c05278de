"""Names found in a text: every mention with its offsets and what it may denote."""

from __future__ import annotations

from collections.abc import Iterator

from worker.stages.classify.regions.fold import fold
from worker.stages.classify.regions.gazetteer import (
    AFTER_COMMA,
    ALL_CAPS,
    ANY_CASE,
    EVERYDAY,
    NO_NAME,
    STOP,
    Entry,
    Place,
    Table,
)

LONGEST_NAME = 60  # characters looked at behind a match that stopped inside a word

_NARROW = ALL_CAPS | AFTER_COMMA | EVERYDAY

# What may follow a Korean name without a space: particles, and the endings of peoples, armies and offices.
_KOREAN_NEXT = frozenset(
    "들은는이가을를의에와과도로으만까부산인군측계내발행어당전서선현정대총외국등및간보한처령땅남북동연"
)


class Mention:
    """One name in one field. `place` is what it was taken for; None until resolved, or when it is no place."""

    __slots__ = ("contained", "end", "entry", "field", "place", "start", "surface", "text", "titled")

    def __init__(self, text: str, field: str, start: int, end: int, entry: Entry, *, titled: bool) -> None:
        self.text = text
        self.field = field
        self.start = start
        self.end = end
        self.surface = text[start:end]
        self.entry = entry
        self.titled = titled  # every word of the field has a capital, or every noun: they say nothing of a name
        self.place: Place | None = None
        self.contained = False  # fixed by another name: "Birmingham, Ala.", "Paris" beside "Lamar County"


def mentions(text: str, field: str, table: Table) -> list[Mention]:
    """The names of `table` in `text`, in order and without overlap; phrases that are no place are left out."""
    if not text:
        return []
    names = _names_by_word if table.writing == "spaced" else _names_by_letter
    titled = field != "text" or table.language == "de"
    found = []
    for entry, start, end in names(text, table):
        if entry.kind != STOP:
            found.append(Mention(text, field, start, end, entry, titled=titled))
    return found


def _names_by_word(text: str, table: Table) -> Iterator[tuple[Entry, int, int]]:
    """What the longest name that begins at a word may denote, with its start and end; only if written as it must be.

    A match takes the blanks on both sides with it. So it hides the names that begin in it or right behind it: in a
    match that does not count, and behind one that does, the words are looked up one by one.
    """
    folded = fold(text)
    hay = f" {folded} "
    entries, cased, small = table.entries, table.cased, table.small
    shouting = cased and text.isupper()
    size, taken = len(folded), 0
    for key, start, last in table.find(hay):
        stop = last - 2
        at = behind = stop + 1
        if start < taken:
            at = taken
        else:
            entry = entries.get(key) or table.entry(key)
            flags = entry.flags
            if not cased or (
                (flags & ANY_CASE or not text[start].islower())
                and (not flags & _NARROW or _is_written(flags, text, start, stop, shouting))
            ):
                yield entry, start, stop
                taken = stop
            elif " " in folded[start:stop]:
                at = start
        while at <= behind and at < size:
            if folded[at] != " ":
                first = hay[at + 1 : hay.index(" ", at + 1)]
                large = not cased or first in small or not text[at].islower()
                if large and (name := _name_at(at, first, text, folded, table, shouting)) is not None:
                    entry, end = name
                    yield entry, at, end
                    at = taken = end
            if at == behind:
                break
            at = folded.find(" ", at) + 1 or size


def _name_at(start: int, first: str, text: str, folded: str, table: Table, shouting: bool) -> tuple[Entry, int] | None:
    """What the longest name that begins at `start` with the word `first` may denote, and its end."""
    get = table.names.get
    alone = get(first)
    if alone is None:
        return None
    stop = start + len(first)
    second = folded.find(" ", stop + 1)
    words = table.heads.get(folded[start:second] if second >= 0 else folded[start:])
    for end in (stop,) if words is None else _ends_of_words(folded, stop, words):
        key = alone if end == stop else get(folded[start:end], NO_NAME)
        if key != NO_NAME:
            entry = table.entry(key)
            if not table.cased or _is_written(entry.flags, text, start, end, shouting):
                return entry, end
    return None


def _ends_of_words(folded: str, stop: int, words: int) -> list[int]:
    """Where names of up to `words` words may end, the farthest first, when the first word ends at `stop`."""
    ends = [stop]
    while len(ends) < words and ends[-1] < len(folded):
        following = folded.find(" ", ends[-1] + 1)
        ends.append(following if following >= 0 else len(folded))
    return ends[::-1]


def _is_written(flags: int, text: str, start: int, end: int, shouting: bool) -> bool:
    """Whether the letters of a name are as large and small as they must be."""
    if not flags & ANY_CASE and text[start].islower():
        return False
    if flags & _NARROW:
        if flags & (ALL_CAPS | EVERYDAY) and (shouting or (flags & ALL_CAPS and not text[start:end].isupper())):
            return False
        if flags & AFTER_COMMA:
            return text[start - 2 : start] == ", " and (end - start > 2 or text[start:end].isupper())
    return True


def _names_by_letter(text: str, table: Table) -> Iterator[tuple[Entry, int, int]]:
    """What each name that stops with its word may denote, with its start and end, in order and without overlap.

    A match that stops inside a word hides the names that begin in it: there the text is looked at once more from the
    next letter on.
    """
    folded = fold(text)
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
