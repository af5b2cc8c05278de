"""Texts as words that survive re-typing: quotes, dashes, spaces, case and invisible characters do not count.

Words are never made one by one: a text is translated, cut into lines, and hashed as an array of bytes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Places = NDArray[np.intp]

# Soft hyphen, zero-width space and joiners, direction marks, word joiner, byte order mark: not seen, so not there.
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_ASCII = bytes(range(0x80))
FEW = 30  # letters beyond ASCII that are replaced one by one; a text of more is folded whole
_LETTERS = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or byte in b"_\n" else 0x20 for byte in range(256)
)  # punctuation and control characters part words, line breaks stay

# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han (with extension A and compatibility forms).
# There each character is a word of its own; shingles are longer then (fingerprint.py).
_UNSPACED = (  # compiled when needed: wide ranges take 5 ms of each start
    "([\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17dd\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff])"
)
_BELOW_UNSPACED = bytes(range(0xE0))  # these scripts begin at three bytes a character
_NOT_IN_NUMBERS = bytes(byte for byte in range(256) if byte >= 0x80 or chr(byte).isalpha() or byte == 0x5F)
_NUMBERS = bytes(byte if byte in b"0123456789.,:" else 0x20 for byte in range(256))

# Odd constants: of the golden ratio, and of MurmurHash3's finaliser (public domain).
_BASE = np.uint64(0x9E3779B97F4A7C15)
# Drawn at random. Which runs are sampled hangs on them: eight draws gave F1 .971 to .979 on the developer file.
_WORD = (np.uint64(0x92E5DFE8CB1855FF), np.uint64(0x14A03569D26B9497), np.uint64(0xC320A4737C2B3ABF))
_FIRST = np.array([2 ** (8 * size) - 1 for size in range(9)], np.uint64)  # masks: so many of eight bytes
_LAST = np.array([(2 ** (8 * size) - 1) << (64 - 8 * size) for size in range(9)], np.uint64)
_MIX_1, _MIX_2, _SHIFT = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53), np.uint64(33)


class Line(NamedTuple):
    """A line that has words."""

    letters: bytes  # its words, one blank between two
    folded: bytes  # with its punctuation
    words: int  # how many
    key: int  # 48 bits; the same for the same words


def fold(text: str) -> bytes:
    """`text` in one case and one form of each character, as UTF-8; line breaks and ASCII punctuation stay.

    >>> fold("The\N{NO-BREAK SPACE}Cen\N{SOFT HYPHEN}tral “BANK”").decode()
    'the central  bank '
    """
    folded = _encoded(text)
    if folded.isascii():
        return folded.lower()
    letters = []
    for character in set(_decoded(folded.translate(None, _ASCII))):
        if (plain := _plain(character)) is None:
            letters.append(character)
        else:
            folded = folded.replace(_encoded(character), plain)
    if len(letters) <= FEW and all(map(_is_whole, letters)):
        folded = folded.lower()
        for character in letters:
            folded = folded.replace(_encoded(character), _encoded(character.casefold()))
        return folded
    text = _decoded(folded)
    if unicodedata.is_normalized("NFKC", text):
        return _encoded(text.casefold())
    text = unicodedata.normalize("NFKC", text).casefold()
    for character in set(_BEYOND_ASCII.findall(text)):
        if _is_mark(character):
            text = text.replace(character, " ")
    return _encoded(text)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


@lru_cache(maxsize=4096)
def _plain(character: str) -> bytes | None:
    """What stands for a character beyond ASCII; None for letters, and for what only its whole text can tell."""
    if character in _INVISIBLE:
        return b""
    whole = unicodedata.is_normalized("NFKC", character)
    return b" " if character in "…\u00a0" or (whole and _is_mark(character)) else None


@lru_cache(maxsize=4096)
def _is_whole(character: str) -> bool:
    """Whether a letter is in normal form whatever stands beside it: Latin, Greek and Cyrillic letters without marks."""
    return (character < "\u0300" or "\u0370" <= character < "\u0483") and unicodedata.is_normalized("NFKC", character)


def _is_mark(character: str) -> bool:
    return not character.isalnum() and unicodedata.category(character)[0] != "M"


def lines_of(folded: bytes) -> list[Line]:
    """The lines of a folded text that have words; digits are kept, apostrophes part words.

    >>> [line.letters for line in lines_of(fold("“It’s 5.4 – 5.6%”,\\n\\nshe said"))]
    [b'it s 5 4 5 6', b'she said']
    """
    if _may_be_unspaced(folded):
        folded = _encoded(re.sub(_UNSPACED, r" \1 ", _decoded(folded)))
    letters = folded.translate(_LETTERS)
    keep = np.frombuffer(letters, np.uint8) != 0x20
    keep[:-1] |= keep[1:]  # of blanks in a row the last one
    letters = np.frombuffer(letters, np.uint8)[keep].tobytes()
    lines = []
    for line, written in zip(letters.split(b"\n"), folded.split(b"\n"), strict=True):
        if words := line.strip():
            key = int.from_bytes(hashlib.blake2b(words, digest_size=6).digest(), "little")
            lines.append(Line(words, written, words.count(b" ") + 1, key))
    return lines


def word_hashes(letters: bytes) -> Hashes:
    """One hash a word of `letters`, words with one blank between two: of all its bytes up to 24, else of the first 16
    and the last 8, taken eight at a time from the text as it lies in memory.
    """
    if not letters:
        return np.empty(0, np.uint64)
    padded = b"%b%b %b" % (bytes(8), letters, bytes(16))
    ends = (np.frombuffer(padded, np.uint8) == 0x20).nonzero()[0]
    starts = np.empty_like(ends)
    starts[0] = 8
    np.add(ends[:-1], 1, out=starts[1:])
    sizes = ends - starts
    eights: Hashes = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))
    short = np.minimum(sizes, 8)
    hashes: Hashes = eights[starts]
    hashes &= _FIRST[short]
    hashes *= _WORD[0]
    last = eights[ends - 8]
    last &= _LAST[short]
    last *= _WORD[1]
    hashes += last
    long = (sizes > 16).nonzero()[0]
    if len(long):
        hashes[long] += eights[starts[long] + 8] * _WORD[2]
    return hashes


def shingles(hashes: Hashes, width: int) -> Hashes:
    """One hash for each run of `width` words: a polynomial of the words' modulo 2^64, mixed."""
    count = len(hashes) - width + 1
    if count < 1:
        return np.empty(0, np.uint64)
    runs = hashes[:count].copy()
    for place in range(1, width):
        runs *= _BASE
        runs += hashes[place : place + count]
    runs ^= runs >> _SHIFT
    runs *= _MIX_1
    runs ^= runs >> _SHIFT
    runs *= _MIX_2
    runs ^= runs >> _SHIFT
    return runs


def unspaced_share(folded: bytes) -> float:
    """The part of a folded text that is in scripts without spaces."""
    if not _may_be_unspaced(folded):
        return 0.0
    text = _decoded(folded)
    return len(re.findall(_UNSPACED, text)) / len(text)


def _may_be_unspaced(folded: bytes) -> bool:
    return not folded.isascii() and folded.translate(None, _BELOW_UNSPACED) != b""


def numbers(folded: bytes) -> set[bytes]:
    """The numbers of a folded text as written, without the punctuation of the sentence.

    >>> sorted(numbers(b"at 09:30, up 5.4% to 1,204."))
    [b'09:30', b'1,204', b'5.4']
    """
    found = {number.strip(b".,:") for number in set(folded.translate(_NUMBERS, _NOT_IN_NUMBERS).split())}
    found.discard(b"")
    return found
