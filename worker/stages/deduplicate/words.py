"""Texts as words that survive re-typing: quotes, dashes, spaces, case and invisible characters do not count.

Words are never made one by one: an array of bytes is cut and hashed as a whole.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Places = NDArray[np.intp]

# Soft hyphen, zero-width space and joiners, direction marks, word joiner, byte order mark: not seen, so not there.
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# What typesetting adds to a plain English text: handled first, most texts are ASCII then.
_TYPOGRAPHIC = "’‘“”–—…\u00a0•"
_LETTERS = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or byte in b"_\n" else 0x20 for byte in range(256)
)  # punctuation and control characters part words, line breaks stay

# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han (with extension A and compatibility forms).
# There each character is a word of its own; shingles are longer then (fingerprint.py).
_UNSPACED = re.compile(
    "([\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17dd\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff])"
)
_NUMBER = re.compile(rb"[0-9][0-9.,:]*")

# Odd constants: of the golden ratio, and of MurmurHash3's finaliser (public domain).
_GOLDEN = 0x9E3779B97F4A7C15
_MIX_1, _MIX_2, _SHIFT = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53), np.uint64(33)
_POSITIONS = 1 << 13  # powers made at first; more when a longer text comes


class Words(NamedTuple):
    """The words of a text in order: where each stands, its hash, and its line."""

    letters: bytes  # the text with blanks and line breaks for all that is no word
    folded: bytes  # the same length, with its punctuation
    starts: Places  # byte offsets
    ends: Places
    hashes: Hashes
    lines: Places  # 0-based line of each word

    def at(self, places: Places) -> Words:
        """Only the words at these places."""
        starts, ends, lines = self.starts[places], self.ends[places], self.lines[places]
        return Words(self.letters, self.folded, starts, ends, self.hashes[places], lines)


def fold(text: str) -> str:
    """`text` in one case and one form of each character; line breaks and ASCII punctuation stay.

    A text that is ASCII then has kept its length.

    >>> fold("The\N{NO-BREAK SPACE}Cen\N{SOFT HYPHEN}tral “BANK”")
    'the central  bank '
    """
    if not text.isascii():
        for character in _TYPOGRAPHIC:
            text = text.replace(character, " ")
    if text.isascii():
        return text.lower()
    for character in _INVISIBLE:
        text = text.replace(character, "")
    text = unicodedata.normalize("NFKC", text).casefold()
    for character in set(text):
        if character > "\x7f" and not (character.isalnum() or unicodedata.category(character)[0] == "M"):
            text = text.replace(character, " ")
    return text


def words_of(folded: str) -> Words:
    """The words of a folded text; digits are kept, apostrophes part words.

    >>> words_of(fold("“It’s 5.4 – 5.6%”, she\\nsaid")).letters.split()
    [b'it', b's', b'5', b'4', b'5', b'6', b'she', b'said']
    """
    if not folded.isascii() and _UNSPACED.search(folded):
        folded = _UNSPACED.sub(r" \1 ", folded)
    raw = folded.encode("utf-8", "surrogatepass")
    letters = raw.translate(_LETTERS)
    codes = np.frombuffer(b" " + letters + b" ", np.uint8)
    inside = codes > 0x20
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[::2], edges[1::2]
    breaks = np.flatnonzero(codes[1:] == 0x0A)
    return Words(
        letters, raw, starts, ends, _spans_hashed(_BYTES[codes[1:]], starts, ends), breaks.searchsorted(starts)
    )


def runs_hashed(hashes: Hashes, starts: Places, ends: Places) -> Hashes:
    """One hash for each run of hashes, wherever it stands."""
    return _mixed(_spans_hashed(hashes, starts, ends))


def shingles(hashes: Hashes, width: int) -> Hashes:
    """One hash for each run of `width` words."""
    if len(hashes) < width:
        return hashes[:0]
    sums, back = _sums(hashes)
    return _mixed((sums[width:] - sums[:-width]) * back[: len(hashes) - width + 1])


def _spans_hashed(values: Hashes, starts: Places, ends: Places) -> Hashes:
    """The polynomial of each span of `values` in an odd base modulo 2^64, from the sums of the whole.

    An odd number has an inverse there, so that a span's place can be divided out of it.
    """
    sums, back = _sums(values)
    result: Hashes = (sums[ends] - sums[starts]) * back[starts]
    return result


def _sums(values: Hashes) -> tuple[Hashes, Hashes]:
    """The polynomial up to each place, and what divides out a place."""
    count = len(values)
    forward, back = _powers(count + 1)
    sums = np.empty(count + 1, np.uint64)
    sums[0] = 0
    np.cumsum(values * forward[:count], out=sums[1:])
    return sums, back


def _mixed(hashes: Hashes) -> Hashes:
    hashes = hashes ^ (hashes >> _SHIFT)
    hashes *= _MIX_1
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX_2
    hashes ^= hashes >> _SHIFT
    return hashes


def _power_tables(count: int) -> tuple[Hashes, Hashes]:
    tables = []
    for base in (_GOLDEN, pow(_GOLDEN, -1, 2**64)):
        table = np.full(count, base, np.uint64)
        table[0] = 1
        tables.append(np.multiply.accumulate(table))
    return tables[0], tables[1]


_tables = _power_tables(_POSITIONS)


def _powers(count: int) -> tuple[Hashes, Hashes]:
    # A cache of pure numbers: two threads that make it at once make the same.
    global _tables
    if count > len(_tables[0]):
        _tables = _power_tables(2 * count)
    return _tables


_BYTES = _mixed(np.arange(1, 257, dtype=np.uint64) * np.uint64(_GOLDEN))  # a hash for each byte


def unspaced_share(folded: str) -> float:
    """The part of a text that is in scripts without spaces."""
    return 0.0 if folded.isascii() else len(_UNSPACED.findall(folded)) / max(1, len(folded))


def numbers(words: Words) -> set[bytes]:
    """The numbers of a text as written, without the punctuation of the sentence.

    >>> sorted(numbers(words_of("at 09:30, up 5.4% to 1,204.")))
    [b'09:30', b'1,204', b'5.4']
    """
    if not len(words.starts):
        return set()
    first = np.frombuffer(words.folded, np.uint8)[words.starts]
    found, end = set(), 0
    for start in words.starts[(first >= 0x30) & (first <= 0x39)].tolist():
        if start >= end and (match := _NUMBER.match(words.folded, start)) is not None:
            end = match.end()
            found.add(match[0].rstrip(b".,:"))
    return found
