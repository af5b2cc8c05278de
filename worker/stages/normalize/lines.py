"""A capture as lines: folded text and what can be counted about it, for the whole capture at once."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# Soft hyphens, zero-width spaces, direction marks, BOM and control signs. The joiners U+200C and U+200D stay:
# Persian, Hindi and emoji are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

LETTER, DIGIT, SPACE, STOP, COMMA, UPPER, WIDE, QUOTE = (1 << bit for bit in range(8))
ODD = 1 << 8  # invisible, or breaks a line without being a line feed
_BITS = np.array([[1 << bit] for bit in range(8)], np.uint8)
_STOPS = ".!?…。！？؟।"
_COMMAS = ",;:、，；：،؛"
_QUOTES = "\"'”’»)]」』）“„"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a capture that hold something, with their counts; all sequences are as long as `text`."""

    text: list[str]  # blanks folded to one space, invisible signs removed
    number: list[int]  # 1-based, in the capture
    indent: list[int]  # blanks before the first sign
    lowered: str  # all lines, lower case, joined by line feeds
    start: Ints  # offsets of the lines in `lowered`
    chars: Floats
    words: Floats  # a CJK character counts as half a word
    counts: Floats  # (8, lines): letters, digits, spaces, stops, commas, capitals, wide signs, quotes
    ends: npt.NDArray[np.bool_]  # ends like a sentence, closing quotes and brackets allowed
    first: npt.NDArray[np.uint8]  # classes of the first sign
    last: npt.NDArray[np.uint8]  # classes of the last sign


def fold(text: str) -> str:
    """`text` with every run of blanks as one space and without invisible signs.

    >>> fold("a\\u00a0 b\\u200b\\n c")
    'a b c'
    """
    return " ".join(_INVISIBLE.sub("", text).split())


def read_lines(text: str) -> Lines | None:
    """The lines of a capture; None when it holds nothing but blanks."""
    if (_classes()[_units(text)] & ODD).any():
        text = _INVISIBLE.sub("", _BREAKS.sub("\n", text))
    raw = text.split("\n")
    folded = [" ".join(line.split()) for line in raw]
    index = [i for i, line in enumerate(folded) if line]
    if not index:
        return None
    lines = [folded[i] for i in index]
    joined = "\n".join(lines) + "\n"
    signs = _units(joined)
    classes = _classes()[signs].astype(np.uint8)
    breaks = np.flatnonzero(signs == 10)
    starts = np.concatenate(([0], breaks[:-1] + 1))
    counts = np.add.reduceat((classes & _BITS) != 0, starts, axis=1, dtype=np.int32).astype(np.float32)
    counts[2] -= 1  # the line feed
    last = classes[breaks - 1]
    before_last = classes[np.maximum(breaks - 2, starts)]
    before_that = classes[np.maximum(breaks - 3, starts)]
    quoted = (last & QUOTE) != 0
    ends = ((last & STOP) != 0) | (quoted & (((before_last | before_that) & STOP) != 0))
    lowered = joined.lower()
    if len(lowered) == len(joined) == len(signs):
        offsets = starts
    else:
        offsets = np.cumsum([0] + [len(line) + 1 for line in lowered.split("\n")[:-2]])
    return Lines(
        text=lines,
        number=[i + 1 for i in index],
        indent=[len(raw[i]) - len(raw[i].lstrip()) for i in index],
        lowered=lowered,
        start=offsets,
        chars=(breaks - starts).astype(np.float32),
        words=counts[2] + 1 + counts[6] / 2,
        counts=counts,
        ends=ends,
        first=classes[starts],
        last=last,
    )


@cache
def _classes() -> npt.NDArray[np.uint16]:
    """What each UTF-16 unit is, as bits. Everything from U+3040 on but Hangul counts as wide or as a letter."""
    table = np.zeros(0x10000, np.uint16)
    for code in range(0x3040):
        sign = chr(code)
        category = unicodedata.category(sign)
        if category[0] in "LM":
            table[code] = LETTER | (UPPER if category in ("Lu", "Lt") else 0)
        elif category == "Nd":
            table[code] = DIGIT
    table[0x0E00:0x0E80] |= WIDE  # Thai writes no blanks
    table[0x3040:0xA000] = LETTER | WIDE
    table[0xA000:0xD800] = LETTER
    table[0xF900:0xFB00] = LETTER | WIDE
    table[0xFB00:0xFE00] = LETTER
    for signs, bit in ((_STOPS, STOP), (_COMMAS, COMMA), (_QUOTES, QUOTE), (" \n", SPACE)):
        for sign in signs:
            table[ord(sign)] = bit
    for code in range(0x2070):
        if _INVISIBLE.match(chr(code)) or _BREAKS.match(chr(code)):
            table[code] |= ODD
    table[0xFEFF] |= ODD
    return table


def _units(text: str) -> npt.NDArray[np.uint16]:
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
