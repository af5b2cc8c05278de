"""Texts as words that survive re-typing: quotes, dashes, spaces, case and invisible characters do not count."""

from __future__ import annotations

import re
import unicodedata

# Soft hyphen, zero-width space and joiners, direction marks, word joiner, byte order mark: not seen, so not there.
_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])

# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han (with extension A and compatibility forms).
# There each character is a word of its own; shingles are longer then (fingerprint.py).
_UNSPACED = re.compile(
    "([\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17dd\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff])"
)
_BETWEEN_WORDS = re.compile(r"[^\w\n]+")
_NUMBER = re.compile(r"\d[\d.,:]*")


def fold(text: str) -> str:
    """`text` in one case and one form of each character; line breaks and punctuation stay.

    >>> fold("The\N{NO-BREAK SPACE}Cen\N{SOFT HYPHEN}tral BANK")
    'the central bank'
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold()


def words_only(folded: str) -> str:
    """The words of each line, one space between them; digits are kept, apostrophes part words.

    >>> words_only(fold("“It’s 5.4 – 5.6%”, she\\nsaid"))
    'it s 5 4 5 6 she\\nsaid'
    """
    if not folded.isascii() and _UNSPACED.search(folded):
        folded = _UNSPACED.sub(r" \1 ", folded)
    return _BETWEEN_WORDS.sub(" ", folded)


def unspaced(word: str) -> bool:
    """Whether `word` is a character of a script without spaces."""
    return _UNSPACED.match(word) is not None


def numbers(folded: str) -> set[str]:
    """The numbers of a text as written, without the punctuation of the sentence.

    >>> sorted(numbers("at 09:30, up 5.4% to 1,204."))
    ['09:30', '1,204', '5.4']
    """
    return {number.rstrip(".,:") for number in _NUMBER.findall(folded)}
