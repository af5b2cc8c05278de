"""Captures as lines: folded text and what can be counted about it, for many lines at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.product import product

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Soft hyphens, zero-width spaces, direction marks, BOM and control signs. The joiners U+200C and U+200D stay:
# Persian, Hindi and emoji are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_NEITHER = re.compile(r"[\W_]+")  # neither letter nor digit
_NEITHER_BYTES = bytes(code for code in range(128) if _NEITHER.match(chr(code)))
_LOWER = bytes(range(128)).lower() + bytes(range(128, 256))
# A day as English prints it, "March 5, 2022": what stands around it is cut off by this.
PRINTED_DAY = r"[^\W\d_]{3,12}\.?\s+\d{1,2},?\s+(?:19|20)\d\d"
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

# What signs are counted as: the rows of `Lines.counts`, and as bits the classes of one sign.
LETTERS, CAPITALS, STOPS, COMMAS, QUOTES, DIGITS, SPACES, WIDES = range(8)
LETTER, CAPITAL, STOP, COMMA, QUOTE, DIGIT, SPACE, WIDE = (1 << row for row in range(8))
_STOPS = ".!?…。！？؟।"
_COMMAS = ",;:、，；：،؛"
_QUOTES = "\"'”’»)]」』）“„"

# The classes a sign may be of, all at once; a sign's entry here is one byte, and a line's signs are counted by it.
_SORTS = (0, LETTER, LETTER | CAPITAL, DIGIT, SPACE, STOP, COMMA, QUOTE, WIDE, LETTER | WIDE, DIGIT | WIDE)
_FEED_SORT = 11  # the line feed
_BLANK_SORT = 12  # what folds to a space
_INVISIBLE_SORT, _BREAK_SORT = 14, 15
_CLASSES = np.array([*_SORTS] + [0] * (16 - len(_SORTS)), np.uint8)
_MEMBERS = np.array([[classes >> row & 1 for classes in _CLASSES.tolist()] for row in range(8)], np.float32)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of captures that hold something, with their counts; but for `captures` and `bounds` all sequences
    are as long as `text`."""

    captures: list[int]  # which of the captures that were read hold lines
    bounds: Ints  # where the lines of each of these begin; the number of all lines behind them
    text: list[str]  # blanks folded to one space, invisible signs removed
    number: list[int]  # 1-based, in the capture
    indent: list[int]  # blanks before the first sign
    lowered: str  # all lines, lower case, joined by line feeds
    start: Ints  # offsets of the lines in `lowered`
    chars: Floats
    words: Floats  # a CJK character counts as half a word
    counts: Floats  # (8, lines): letters, capitals, stops, commas, quotes, digits, spaces, wide signs
    ends: npt.NDArray[np.bool_]  # ends like a sentence, closing quotes and brackets allowed
    first: npt.NDArray[np.uint8]  # classes of the first sign
    last: npt.NDArray[np.uint8]  # classes of the last sign

    def split(self) -> list[Passage]:
        """The lines of each capture by themselves."""
        told = self.chars.tolist(), self.words.tolist(), self.counts[DIGITS].tolist(), self.ends.tolist()
        return [
            Passage(self.text[begin:end], *(values[begin:end] for values in told))
            for begin, end in pairwise(self.bounds.tolist())
        ]


class Passage(NamedTuple):
    """The lines of one capture, one entry a line: asked for one by one, lists answer in a fraction of numpy's time."""

    text: list[str]
    chars: list[float]
    words: list[float]
    digits: list[float]
    ends: list[bool]


def fold(text: str) -> str:
    """`text` with every run of blanks as one space and without invisible signs.

    >>> fold("a\\u00a0 b\\u200b\\n c")
    'a b c'
    """
    return " ".join(_INVISIBLE.sub("", text).split())


def letters(text: str) -> str:
    """Only the letters and digits of `text`, in lower case: for comparing, never for showing.

    >>> letters("Rain, again – Part_2")
    'rainagainpart2'
    """
    if text.isascii():
        return text.encode().translate(_LOWER, _NEITHER_BYTES).decode()
    # What is ASCII is done first in the same way: a page with a few dashes takes half the time.
    plain = text.encode("utf-8", "surrogatepass").translate(_LOWER, _NEITHER_BYTES).decode("utf-8", "surrogatepass")
    return _NEITHER.sub("", plain).casefold()


def read_lines(text: str) -> Lines | None:
    """The lines of a capture; None when it holds nothing but blanks."""
    lines = read_many([text])
    return lines if lines.text else None


def read_many(texts: Sequence[str]) -> Lines:
    """The lines of several captures as one, at a fraction of the time; those that hold nothing are left out."""
    lines, first, indents = _fold_all(texts)
    kept = [at for at, line in enumerate(lines) if line]
    place = np.array(kept, np.int64)
    bounds = place.searchsorted(first)  # of all captures, and of those that hold lines
    captures = np.flatnonzero(bounds[1:] > bounds[:-1])
    number = place + 1 - first[:-1].repeat(np.diff(bounds))
    lines = [lines[at] for at in kept]
    joined = "\n".join(lines) + "\n" * bool(lines)
    sorts = _sorts_of(joined)
    if len(sorts) == len(joined):
        breaks = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64) - 1
    else:
        breaks = np.flatnonzero(sorts == _FEED_SORT)
    starts = np.empty_like(breaks)
    starts[:1], starts[1:] = 0, breaks[:-1] + 1
    lengths = breaks - starts
    cells = np.repeat(np.arange(0, 16 * len(lines), 16), lengths + 1)
    cells += sorts
    tally = np.bincount(cells, minlength=16 * len(lines)).astype(np.float32)
    counts = product(_MEMBERS, tally.reshape(-1, 16).T)
    last, before_last, before_that = _CLASSES[sorts[np.maximum(breaks - [[1], [2], [3]], starts)]]
    quoted = (last & QUOTE).astype(bool)
    ends = (last & STOP | (before_last | before_that) & STOP * quoted) != 0
    lowered = "\n".join([line.lower() for line in lines]) + "\n" * bool(lines)  # most lines are ASCII: that is faster
    if len(lowered) == len(joined) == len(sorts):
        offsets = starts
    else:
        offsets = np.cumsum([0] + [len(line) + 1 for line in lowered.split("\n")[:-2]])
    return Lines(
        captures=captures.tolist(),
        bounds=np.append(0, bounds[captures + 1]),
        text=lines,
        number=number.tolist(),
        indent=[indents.get(at, 0) for at in kept] if indents else [0] * len(kept),
        lowered=lowered,
        start=offsets,
        chars=lengths.astype(np.float32),
        words=counts[SPACES] + 1 + counts[WIDES] / 2,
        counts=counts,
        ends=ends,
        first=_CLASSES[sorts[starts]],
        last=last,
    )


def _fold_all(texts: Sequence[str]) -> tuple[list[str], Ints, dict[int, int]]:
    """The folded lines of all texts, where those of each text begin and those of all end, and how far in lines begin.

    Where a fold changes something is found in all texts at once: it does so in few lines.
    """
    whole = _between_feeds(texts)
    sorts = _sorts_of(whole)
    if sorts.max() >= _INVISIBLE_SORT:
        texts = [_visible(text) for text in texts]
        whole = _between_feeds(texts)
        sorts = _sorts_of(whole)
    lines = whole.split("\n")[1:-1]
    first = np.cumsum([0] + [text.count("\n") + 1 for text in texts])
    feeds, blanks = sorts == _FEED_SORT, sorts == _SORTS.index(SPACE)
    edges = feeds | blanks
    folds = sorts == _BLANK_SORT
    folds[1:] |= blanks[1:] & edges[:-1]
    folds[:-1] |= blanks[:-1] & feeds[1:]
    indents = {}
    for at in set((np.flatnonzero(feeds).searchsorted(np.flatnonzero(folds)) - 1).tolist()):
        line = lines[at]
        lines[at] = " ".join(line.split())
        if line[0].isspace():
            indents[at] = len(line) - len(line.lstrip())
    return lines, first, indents


def _between_feeds(texts: Sequence[str]) -> str:
    return "\n".join(["", *texts, ""])


def _visible(text: str) -> str:
    """`text` without invisible signs, its lines parted by line feeds."""
    if _sorts_of(text).max(initial=0) < _INVISIBLE_SORT:
        return text
    return _INVISIBLE.sub("", _BREAKS.sub("\n", text))


@cache
def _sorts() -> npt.NDArray[np.uint8]:
    """What each UTF-16 unit is, as an index into _SORTS. From U+3040 on all but Hangul counts as wide or a letter."""
    table = np.zeros(0x10000, np.uint8)
    sort = {classes: index for index, classes in enumerate(_SORTS)}
    classes_of = dict.fromkeys(("Ll", "Lm", "Lo", "Mn", "Mc", "Me"), LETTER)
    classes_of |= {"Lu": LETTER | CAPITAL, "Lt": LETTER | CAPITAL, "Nd": DIGIT}
    categories = list(map(unicodedata.category, map(chr, range(0x3040))))
    table[:0x3040] = [sort[classes_of.get(category, 0)] for category in categories]
    # Thai writes no blanks.
    table[0x0E00:0x0E80] = [sort[classes_of.get(category, 0) | WIDE] for category in categories[0x0E00:0x0E80]]
    table[0x3040:0xA000] = sort[LETTER | WIDE]
    table[0xA000:0xD800] = sort[LETTER]
    table[0xF900:0xFB00] = sort[LETTER | WIDE]
    table[0xFB00:0xFE00] = sort[LETTER]
    for signs, classes in ((_STOPS, STOP), (_COMMAS, COMMA), (_QUOTES, QUOTE), (" ", SPACE)):
        for sign in signs:
            table[ord(sign)] = sort[classes]
    signs = "".join(map(chr, (*range(0x3040), 0xFEFF)))
    table[[ord(sign) for sign in signs if sign.isspace() and sign != " "]] = _BLANK_SORT
    table[ord("\n")] = _FEED_SORT
    table[[ord(sign) for sign in _BREAKS.findall(signs)]] = _BREAK_SORT
    table[[ord(sign) for sign in _INVISIBLE.findall(signs)]] = _INVISIBLE_SORT
    return table


def _sorts_of(text: str) -> npt.NDArray[np.uint8]:
    """The sort of each UTF-16 unit of `text`; for ASCII in a tenth of the time."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii").translate(_ascii_sorts()), np.uint8)
    return _sorts().take(_units(text))


@cache
def _ascii_sorts() -> bytes:
    return _sorts()[:256].tobytes()


def _units(text: str) -> npt.NDArray[np.uint16]:
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
