"""Where names stand in a text, looked up in flat arrays.

Nothing is built but a sort, and what a fork shares stays shared: arrays hold no reference counts. A name is found by
the hash of its letters, 64 bits. The hash of any stretch of a text comes from two of its running sums, so all words of
a text, and all names that may begin at one, are looked up at once.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]

_BASE = 0x9E3779B97F4A7C15  # odd, so that its powers can be undone modulo 2 ** 64
_WINDOW = 1 << 16  # characters looked through at once: memory stays the same for the longest text
_SPARSE = 4  # slots a name or first word: most words of a text meet an empty one
_MOST_WORDS = 127  # of a name
_SMALL = 128  # beside the words of a name: it may be written without a capital
_BLANK, _NEWLINE = 32, 10


class Names:
    """Names, found between blanks.

    `keys` holds one a line, in the order of their numbers; `any_case` tells of each whether it may be written small.
    """

    def __init__(self, keys: str, any_case: Numbers) -> None:
        hashes, heads, words, sizes = _hashed(keys + "\n")
        self._longest = int(sizes.max())
        numbers = np.flatnonzero(words)  # a name that begins with a blank is never looked for
        hashes, heads, words = hashes[numbers], heads[numbers], words[numbers]
        slots = 1 << (_SPARSE * len(numbers)).bit_length()
        self._shift = np.uint64(65 - slots.bit_length())
        # A byte for what a word may begin: the words of the longest name, and whether one needs no capital.
        heads = self._slot(heads)
        self._begins = np.zeros(slots, np.uint8)
        for count in np.flatnonzero(np.bincount(words)):
            self._begins[heads[words == count]] = count
        self._begins[heads[any_case[numbers]]] |= _SMALL
        # The names by hash: `_slots` tells where those of a slot begin.
        order = np.argsort(hashes)
        counts = np.bincount(self._slot(hashes), minlength=slots)
        self._slots = (counts.cumsum() - counts).astype(np.int32)
        self._deep = np.arange(counts.max())
        self._hashes = np.concatenate((hashes[order], np.zeros(len(self._deep), np.uint64)))
        self._numbers = numbers[order].astype(np.int32)

    def find(self, text: str, folded: str, cased: bool) -> list[tuple[int, int, int]]:
        """Start, end and number of each name in `folded`, by start, of one start the longest first.

        `folded` begins and ends with a blank and is as long as `text`, which tells large letters from small: where
        `cased`, a name of a language with capitals, most that are written without are left out here already.
        """
        if len(folded) < _WINDOW:
            return self._find(text, folded, cased)
        found = []
        step = _WINDOW - self._longest - 2  # a name that begins at its end, with a blank on both sides, is within
        for begun in range(0, len(folded), step):
            window = slice(begun, begun + _WINDOW - 1)
            names = self._find(text[window], folded[window], cased)
            found += [(start + begun, end + begun, number) for start, end, number in names if start <= step]
        return found

    def _find(self, text: str, folded: str, cased: bool) -> list[tuple[int, int, int]]:
        codes = _codes(folded)
        sums = _Sums(codes)
        blanks = (codes == _BLANK).nonzero()[0]
        starts, ends = blanks[:-1] + 1, blanks[1:]
        begins = self._begins.take(self._slot(sums.hashes(starts, ends)))
        least = _at_least().take(_codes(text).take(starts), mode="clip") if cased else 0
        at = (begins > least).nonzero()[0]
        count = np.minimum(begins.take(at) & (_SMALL - 1), len(ends) - at)
        last = (at + count.cumsum()).repeat(count)  # the blank behind the last word: of one start the farthest first
        last -= np.arange(len(last))
        starts, ends = starts.take(at.repeat(count)), blanks.take(last)
        hashes = sums.hashes(starts, ends)
        held = self._slots.take(self._slot(hashes))[:, None] + self._deep
        name, deep = (self._hashes.take(held) == hashes[:, None]).nonzero()
        numbers = self._numbers.take(held[name, deep])
        return list(zip(starts.take(name).tolist(), ends.take(name).tolist(), numbers.tolist(), strict=True))

    def _slot(self, hashes: Numbers) -> Numbers:
        return (hashes >> self._shift).view(np.int64)


def _hashed(lines: str) -> tuple[Numbers, ...]:
    """Of each name: its hash, that of its first word, its words (none where it begins with a blank) and characters."""
    parts = []
    begun = 0
    while begun < len(lines):
        end = len(lines) if len(lines) - begun < _WINDOW else lines.rindex("\n", begun, begun + _WINDOW - 1) + 1
        codes = _codes(lines[begun:end])
        sums = _Sums(codes)
        blanks = np.flatnonzero((codes == _BLANK) | (codes == _NEWLINE))
        last = np.flatnonzero(codes[blanks] == _NEWLINE)  # the blank behind each name
        first = np.concatenate(([0], last[:-1] + 1))  # the blank behind its first word
        starts = np.concatenate(([0], blanks[last[:-1]] + 1))
        words = np.minimum(last - first + 1, _MOST_WORDS).astype(np.uint8)
        words[blanks[first] == starts] = 0
        ends = blanks[last]
        parts.append((sums.hashes(starts, ends), sums.hashes(starts, blanks[first]), words, ends - starts))
        begun = end
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


class _Sums:
    """Running sums of a text, from which comes the hash of any stretch of it."""

    def __init__(self, codes: Numbers) -> None:
        up, self._down = _powers()
        self._sums = np.zeros(len(codes) + 1, np.uint64)
        np.multiply(codes, up[: len(codes)], out=self._sums[1:])
        self._sums.cumsum(out=self._sums)

    def hashes(self, starts: Numbers, ends: Numbers) -> Numbers:
        """The hashes of the stretches from `starts` to `ends`; their high bits are the best."""
        found: Numbers = self._sums.take(ends)
        found -= self._sums.take(starts)
        found *= self._down.take(starts)
        return found


@functools.cache
def _powers() -> tuple[Numbers, Numbers]:
    """Powers of the base: from the first on, so that every letter reaches the high bits; and what undoes the place."""
    up, down = (np.full(_WINDOW, base, np.uint64) for base in (_BASE, pow(_BASE, -1, 1 << 64)))
    down[0] = 1
    return np.cumprod(up), np.cumprod(down)


_LETTERS = 0x2000  # of the scripts that have capitals; what lies behind counts as large here


@functools.cache
def _at_least() -> Numbers:
    """By the first letter of a word, what its byte in `_begins` must exceed: a small one begins what may be small."""
    small = np.fromiter(map(str.islower, map(chr, range(_LETTERS))), np.uint8)
    return np.append(small, np.uint8(0)) * np.uint8(_SMALL - 1)


def _codes(text: str) -> Numbers:
    """The code points of a text."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
