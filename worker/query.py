"""What is asked of a store that can be searched, in words that every store understands.

Words of scripts without spaces cannot be told apart by a rule, so a store indexes each of their characters
as a word (`spaced`), and a word of a question is a phrase of characters. Of three ways measured on 4,000 Chinese
texts in FTS5, this took 133 us and 1.2 kB a text; pairs of characters 394 us and 1.7 kB; the trigram tokenizer
389 us and 2.3 kB, and it finds no word of two characters.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

# Thai, Lao, Tibetan, Burmese, Khmer, kana, Han, and Hangul, whose words carry endings.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_CHARACTER = re.compile(f"[{_UNSPACED}]")
_PIECE = re.compile(r'(-?)"([^"]*)"?(\*?)|(\S+)')
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
LONGEST = 255
_WORD = re.compile(f"[0-9a-z\x80-\U0010ffff]{{1,{LONGEST}}}")  # only letters are left beyond ASCII
_SEPARATORS = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))


class Term(NamedTuple):
    """A word or phrase to find, as it was typed."""

    text: str
    prefix: bool = False  # any ending


@dataclass(frozen=True)
class Query:
    """All that is given must hold; a tuple of codes means any of them."""

    words: tuple[tuple[Term, ...], ...] = ()  # of each group one
    without: tuple[Term, ...] = ()
    regions: tuple[str, ...] = ()  # countries and subdivisions
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # their variants too
    publishers: tuple[str, ...] = ()  # a name or domain, any case
    since: datetime | None = None  # published then or later; without a date, captured
    until: datetime | None = None  # before that
    limit: int | None = None
    newest_first: bool = False  # else the best match first, where there are words


class Found(NamedTuple):
    """An article that stands in a store."""

    record: dict[str, Any]  # as it was delivered, with its text


def parse(text: str) -> tuple[tuple[tuple[Term, ...], ...], tuple[Term, ...]]:
    """The groups of `Query.words`, and `Query.without`, of what a person typed.

    Words must all be found; `"a phrase"`, `sanction*`, `oil OR gas`, `-without`. Raises ValueError with a sentence
    for what cannot be meant.

    >>> parse('oil OR gas "price cap" -coal')[0]
    ((Term(text='oil', prefix=False), Term(text='gas', prefix=False)), (Term(text='price cap', prefix=False),))
    """
    groups: list[list[Term]] = []
    without: list[Term] = []
    joined = False
    for minus, phrase, star, bare in _PIECE.findall(text):
        if bare in {"OR", "|"}:
            if not groups or joined:
                raise ValueError("OR stands between two words, as in: oil OR gas")
            joined = True
            continue
        if bare in {"AND", "&"}:
            continue
        typed = bare.removeprefix("-") if bare else phrase
        term = Term(typed.rstrip("*").strip(), prefix=bool(star) or typed.endswith("*"))
        if not any(character.isalnum() for character in term.text):
            continue  # a dash or a bracket between words
        if minus or bare.startswith("-"):
            without.append(term)
        elif joined:
            groups[-1].append(term)
        else:
            groups.append([term])
        joined = False
    if joined:
        raise ValueError("OR stands between two words, as in: oil OR gas")
    if not groups:
        raise ValueError(
            "name at least one word to find beside those to leave out" if without else f"no word to find in {text!r}"
        )
    return tuple(tuple(group) for group in groups), tuple(without)


def spaced(text: str) -> str:
    """`text` with a space around each character of a script without spaces.

    >>> spaced("OPEC對石油 sanctions")
    'OPEC 對  石  油  sanctions'
    """
    return text if text.isascii() else _CHARACTER.sub(r" \g<0> ", text)


def unspaced_of(*texts: str | None) -> str | None:
    """`texts` with their characters apart when a script without spaces is among them, else None: then they are
    found by their words as they are.

    >>> unspaced_of("OPEC對石油", "sanctions")
    'OPEC 對  石  油 \\nsanctions'
    >>> unspaced_of(None, "sanctions")
    """
    told = [text for text in texts if text]
    if all(text.isascii() or not _CHARACTER.search(text) for text in told):
        return None
    return spaced("\n".join(told))


def words(text: str) -> list[str]:
    """The words of `text` in order, in lower case without accents; each character of a script without spaces is one.

    What stands in a store and what is asked for are cut alike. Longer runs are cut after LONGEST characters.

    >>> words("Bogotá’s co-operation, São_Paulo 3.5: OPEC對石油")
    ['bogota', 's', 'co', 'operation', 'sao', 'paulo', '3', '5', 'opec', '對', '石', '油']
    """
    if not text.isascii():
        text = _NOT_ASCII.sub(lambda found: _letters(found[0]), text)
    text = text.lower()
    if text.isascii():  # three times as fast as the pattern
        found = text.translate(_SEPARATORS).split()
        if max(map(len, found), default=0) <= LONGEST:
            return found
    return _WORD.findall(text)


def folded(text: str) -> str:
    """`text` in lower case without accents.

    >>> folded("Bogotá, São Paulo")
    'bogota, sao paulo'
    """
    return _NOT_ASCII.sub(lambda found: _folded(found[0]), text).lower()


@lru_cache(maxsize=4096)
def _folded(piece: str) -> str:
    bases = (one for one in unicodedata.normalize("NFD", piece) if not "\u0300" <= one <= "\u036f")
    return unicodedata.normalize("NFC", "".join(bases))


@lru_cache(maxsize=4096)
def _letters(piece: str) -> str:
    """The letters, digits and marks of `piece`, folded; a space for each of its other characters."""
    return spaced("".join(one if unicodedata.category(one)[0] in "LNM" else " " for one in _folded(piece)))
