"""Page furniture by its words: share bars, comment forms, newsletter boxes, cookie notes, read-on lines …

The phrases are data, one module a language. All of them are found in one pass over the whole capture
(Aho–Corasick). A phrase alone never condemns a sentence: a line counts as furniture only when it is short and the
phrases *cover* most of its letters, when it opens with an opener ("Sign up for our …"), or with a label and a
colon ("Read more: …").
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from itertools import chain, pairwise
from typing import NamedTuple

import ahocorasick_rs as ac
import numpy as np
import numpy.typing as npt

from worker.stages.normalize.furniture.phrases import Phrases
from worker.stages.normalize.lines import LETTERS, Bools, Floats, Ints, Lines

LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "nl", "pl", "ru", "ar", "zh", "ja", "th")

MAX_WORDS = 20  # longer lines are never furniture by their words, nor say where the text goes on
COVERED = 0.6  # share of a line's letters that phrases must hold; judgement


NAVIGATION, FURNITURE, OPENER, RELATED, LABEL, READ_ON, COMMENTS = range(7)
KINDS = ("navigation", "furniture", "openers", "related", "labels", "read_on", "comments")  # fields of Phrases

_ASCII_SPELT = np.array([chr(code).isalnum() for code in range(128)] + [False])
_COLONS = (":", "：", "|", ">", "»")  # behind a label

# Signs that a credit or a courtesy line may be here: they only say where to look closer.
_CREDIT_SIGNS = """
credit | photo | image | picture | foto | fotografía | crédit | crédito | bild: | bildquelle | beeld | zdjęcie
fot. | фото | 写真 | 撮影 | 图 | تصوير | صورة | © | via shutterstock | via getty | via ap | via reuters | via afp
courtesy of | /ap | /afp | /reuters | /epa | /getty | /efe | /dpa | /ansa | /tass | /тасс | /xinhua | /nurphoto
/shutterstock | / ap | / afp | / reuters | / epa | / getty | / efe | / dpa | / ansa | / tass | / тасс | / xinhua
"""
_COURTESY_SIGNS = """
courtesy of | originally | appeared | published | con información de | con informacion de | tomado de
cortesía de | cortesia de | publicado originalmente | com informações | com informacoes | mit material
erschienen | veröffentlicht | publié | avec afp | avec l’afp | avec l'afp | avec reuters | avec belga | avec ats
pubblicato originariamente | gentile concessione | с использованием материалов | по материалам | по сообщению
copyright | © | source: | source : | fuente: | fonte: | quelle: | bron: | źródło: | источник: | المصدر | 来源 | 來源 | 出典
"""


class Signs(NamedTuple):
    """What the words of each line say, one entry a line."""

    kind: list[int | None]  # the line is furniture of this kind (index into KINDS)
    covered: npt.NDArray[np.float32]  # share of the letters that furniture phrases hold
    menu: npt.NDArray[np.float32]  # share of the letters that any phrase holds, words of menus included
    credit: list[int]  # lines to look at for a credit
    courtesy: list[int]  # lines to look at for a courtesy line
    leading: dict[int, int]  # line → offset in its text where a read-on phrase at its start ends

    def split(self, bounds: Ints) -> list[Signs]:
        """The signs of each capture by themselves; `bounds` are those of the lines."""
        return [self] if len(bounds) == 2 else [self._part(*ends) for ends in pairwise(bounds.tolist())]

    def _part(self, begin: int, end: int) -> Signs:
        part = slice(begin, end)
        return Signs(
            self.kind[part],
            self.covered[part],
            self.menu[part],
            [line - begin for line in self.credit if begin <= line < end],
            [line - begin for line in self.courtesy if begin <= line < end],
            {line - begin: at for line, at in self.leading.items() if begin <= line < end},
        )


class _Patterns(NamedTuple):
    """What is known of each phrase, by its number."""

    kind: Ints  # -1: a credit or courtesy sign only
    letters: Ints
    opened: Bools  # must begin at a word border (not in scripts without blanks)
    closed: Bools  # must end at one
    credit: Bools  # holds a sign of a credit
    courtesy: Bools  # holds a sign of a courtesy line


class _Automaton(NamedTuple):
    phrases: ac.AhoCorasick
    patterns: _Patterns


def scan(lines: Lines) -> Signs:
    """Find every phrase of every language in one pass and judge each line by them."""
    automaton = _automaton()
    patterns, lowered, total = automaton.patterns, lines.lowered, len(lines.text)
    found = automaton.phrases.find_matches_as_indexes(lowered)
    number, begin, end = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found)).reshape(-1, 3).T
    signs = np.frombuffer(lowered.encode("utf-32-le", "surrogatepass"), np.uint32)
    before, behind = _spelt_on(signs[[begin - 1, end]])  # before the first sign: the last, a line feed
    inside = patterns.opened[number] & before | patterns.closed[number] & behind
    line = lines.start.searchsorted(begin, "right") - 1
    kind, letters = patterns.kind[number], patterns.letters[number]
    whole = (kind >= 0) & ~inside
    menu = whole & (kind == NAVIGATION)
    phrase = whole & (kind != NAVIGATION)
    shares = np.array([np.bincount(line[of], letters[of], total) for of in (phrase, menu)], np.float32)
    shares[1] += shares[0]
    share, in_menus = np.minimum(shares / np.maximum(lines.counts[LETTERS], 1), 1)
    near = phrase & (lines.words < MAX_WORDS)[line]
    kinds, leading = _kinds(lines, share, *(of[near].tolist() for of in (line, kind, letters, begin, end)))
    return Signs(
        kinds,
        share,
        in_menus,
        sorted(set(line[patterns.credit[number]].tolist())),  # np.unique imports masked arrays: a tenth of a start
        sorted(set(line[patterns.courtesy[number]].tolist())),
        leading,
    )


def _kinds(
    lines: Lines,
    share: Floats,
    places: list[int],
    kind: list[int],
    letters: list[int],
    begin: list[int],
    end: list[int],
) -> tuple[list[int | None], dict[int, int]]:
    """The kind of furniture of each line that is some, and where the read-on phrases at the start of lines end.

    The phrases are those of short lines: longer ones are neither.
    """
    most: dict[int, tuple[int, int]] = {}  # line → most letters, kind
    fixed: dict[int, int] = {}
    leading: dict[int, int] = {}
    lowered, starts = lines.lowered, lines.start.tolist()
    for line, of, size, opens, closes in zip(places, kind, letters, begin, end, strict=True):
        if size > most.get(line, (0, 0))[0]:
            most[line] = (size, of)
        if of in (OPENER, LABEL, READ_ON) and opens - starts[line] <= 3:
            if not _unquoted(lowered[starts[line] : opens]):
                continue
            if of == OPENER or (of == LABEL and lowered[closes : closes + 3].lstrip()[:1] in _COLONS):
                fixed[line] = of
            elif of == READ_ON:
                leading[line] = closes - starts[line]
    kinds: list[int | None] = [None] * len(lines.text)
    for line, (_, of) in most.items():
        if line in fixed:
            kinds[line] = fixed[line]
        elif share[line] >= COVERED:
            kinds[line] = of
    return kinds, leading


def _spelt_on(signs: npt.NDArray[np.uint32]) -> Bools:
    """Which of these signs are letters or digits: a word goes on there."""
    spelt = _ASCII_SPELT[np.minimum(signs, 128)]
    beyond = signs >= 128
    spelt[beyond] = [chr(sign).isalnum() for sign in signs[beyond].tolist()]
    return spelt


def _unquoted(opening: str) -> bool:
    """Whether the signs before an opener are bullets at most: a quoted "Read more" opens a sentence."""
    return not any(sign.isalnum() or sign in "\"'“”„«‘’「" for sign in opening)


@cache
def _automaton() -> _Automaton:
    kinds: dict[str, int | None] = {}
    for phrases in _all_phrases():
        for kind, name in enumerate(KINDS):
            for phrase in split(getattr(phrases, name)):
                kinds[phrase] = max(kind, kinds.get(phrase) or 0)
    credit_signs, courtesy_signs = split(_CREDIT_SIGNS), split(_COURTESY_SIGNS)
    for sign in (*credit_signs, *courtesy_signs):
        kinds.setdefault(sign, None)
    signs = list(kinds)
    spelt = [(_spelt(sign[0]), _spelt(sign[-1])) for sign in signs]
    return _Automaton(
        phrases=ac.AhoCorasick(
            signs, matchkind=ac.MATCHKIND_LEFTMOST_LONGEST, implementation=ac.Implementation.ContiguousNFA
        ),
        patterns=_Patterns(
            kind=np.array([-1 if kind is None else kind for kind in kinds.values()]),
            letters=np.array([sum(map(str.isalpha, phrase)) for phrase in signs]),
            opened=np.array([opened for opened, _ in spelt]),
            closed=np.array([closed for _, closed in spelt]),
            credit=_holding(credit_signs, signs),
            courtesy=_holding(courtesy_signs, signs),
        ),
    )


def _holding(parts: Sequence[str], phrases: Sequence[str]) -> Bools:
    """Which of the phrases hold one of the parts. Each part is looked for in all of them at once."""
    joined = "\n".join(phrases)
    starts = np.cumsum([0] + [len(phrase) + 1 for phrase in phrases])
    holding = np.zeros(len(phrases), bool)
    for part in parts:
        at = joined.find(part)
        while at >= 0:
            number = starts.searchsorted(at, "right")
            holding[number - 1] = True
            at = joined.find(part, starts[number])
    return holding


def _spelt(sign: str) -> bool:
    """Whether `sign` is a letter of a script that puts blanks between words."""
    return sign.isalpha() and sign < "\u0e00"


def split(phrases: str) -> list[str]:
    """The phrases of a data text."""
    return [phrase for line in phrases.splitlines() for part in line.split("|") if (phrase := part.strip())]


@cache
def words_of(field: str) -> frozenset[str]:
    """All languages' phrases of one field."""
    return frozenset(phrase for phrases in _all_phrases() for phrase in split(getattr(phrases, field)))


def _all_phrases() -> list[Phrases]:
    return [import_module(f"{__name__}.{code}").PHRASES for code in LANGUAGES]
