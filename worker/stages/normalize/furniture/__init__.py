"""Page furniture by its words: share bars, comment forms, newsletter boxes, cookie notes, read-on lines …

The phrases are data, one module a language. All of them are found in one pass over the whole capture
(Aho–Corasick). A phrase alone never condemns a sentence: a line counts as furniture only when it is short and the
phrases *cover* most of its letters, when it opens with an opener ("Sign up for our …"), or with a label and a
colon ("Read more: …").
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import NamedTuple

import ahocorasick_rs as ac
import numpy as np
import numpy.typing as npt

from worker.stages.normalize.furniture.phrases import Phrases
from worker.stages.normalize.lines import LETTERS, Lines

LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "nl", "pl", "ru", "ar", "zh", "ja")

MAX_WORDS = 20  # longer lines are never furniture by their words
COVERED = 0.6  # share of a line's letters that phrases must hold; judgement


NAVIGATION, FURNITURE, OPENER, RELATED, LABEL, READ_ON, COMMENTS = range(7)
KINDS = ("navigation", "furniture", "openers", "related", "labels", "read_on", "comments")  # fields of Phrases

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


class _Pattern(NamedTuple):
    kind: int | None  # None: a credit or courtesy sign only
    letters: int
    opened: bool  # must begin at a word border (not in scripts without blanks)
    closed: bool  # must end at one
    credit: bool  # holds a sign of a credit
    courtesy: bool  # holds a sign of a courtesy line


class _Automaton(NamedTuple):
    phrases: ac.AhoCorasick
    patterns: list[_Pattern]


def scan(lines: Lines) -> Signs:
    """Find every phrase of every language in one pass and judge each line by them."""
    automaton = _automaton()
    lowered, total = lines.lowered, len(lines.text)
    covered, in_menus = [0] * total, [0] * total
    found: dict[int, tuple[int, int]] = {}  # line → most letters, kind
    fixed: dict[int, int] = {}
    leading: dict[int, int] = {}
    credit: set[int] = set()
    courtesy: set[int] = set()
    starts = lines.start.tolist()
    starts.append(len(lowered))
    line = 0
    for pattern, begin, end in automaton.phrases.find_matches_as_indexes(lowered):
        kind, letters, opened, closed, shows_credit, shows_courtesy = automaton.patterns[pattern]
        inside = (opened and begin and lowered[begin - 1].isalnum()) or (closed and lowered[end].isalnum())
        if inside and not (shows_credit or shows_courtesy):
            continue
        while begin >= starts[line + 1]:
            line += 1
        if shows_credit:
            credit.add(line)
        if shows_courtesy:
            courtesy.add(line)
        if kind is None or inside:
            continue
        if kind == NAVIGATION:
            in_menus[line] += letters
            continue
        covered[line] += letters
        if letters > found.get(line, (0, 0))[0]:
            found[line] = (letters, kind)
        if kind in (OPENER, LABEL, READ_ON) and begin - starts[line] <= 3:
            if not _unquoted(lowered[starts[line] : begin]):
                continue
            if kind == OPENER or (kind == LABEL and lowered[end : end + 3].lstrip()[:1] in _COLONS):
                fixed[line] = kind
            elif kind == READ_ON:
                leading[line] = end - starts[line]
    letters_of = np.maximum(lines.counts[LETTERS], 1)
    shares = np.array([covered, in_menus], np.float32)
    shares[1] += shares[0]
    share, menu = np.minimum(shares / letters_of, 1)
    kinds: list[int | None] = [None] * total
    for line, (_, kind) in found.items():
        if lines.words[line] < MAX_WORDS:
            if line in fixed:
                kinds[line] = fixed[line]
            elif share[line] >= COVERED:
                kinds[line] = kind
    return Signs(
        kinds,
        share,
        menu,
        sorted(credit),
        sorted(courtesy),
        leading,
    )


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
    return _Automaton(
        phrases=ac.AhoCorasick(
            list(kinds), matchkind=ac.MATCHKIND_LEFTMOST_LONGEST, implementation=ac.Implementation.ContiguousNFA
        ),
        patterns=[
            _Pattern(
                kind,
                letters=sum(sign.isalpha() for sign in phrase),
                opened=_spelt(phrase[0]),
                closed=_spelt(phrase[-1]),
                credit=any(sign in phrase for sign in credit_signs),
                courtesy=any(sign in phrase for sign in courtesy_signs),
            )
            for phrase, kind in kinds.items()
        ],
    )


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
