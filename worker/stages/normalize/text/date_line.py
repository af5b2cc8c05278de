"""Lines that hold the date an article was published, and at most the source and the writer behind it."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import NamedTuple

from worker.stages.normalize.furniture import words_of
from worker.stages.normalize.metadata.date_text import MONTHS, Moment, parse

MAX_CHARS = 80
MAX_OTHER_WORDS = 1  # that belong to no date
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_CLOCK_WORDS = frozenset(
    "at um uhr h hrs ore às as a las à il le el am em on den der de del am pm a p m gmt utc est edt et cet cest ist "
    "bst msk мск в г года st nd rd th".split()
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "lun", "mar", "mié", "mie", "jue", "vie", "sáb", "dom",
             "mer", "jeu", "ven", "sam", "dim", "die", "mit", "don", "fre", "son", "mart", "gio", "sab", "seg", "ter",
             "qua", "qui", "sex", "пон", "вто", "сре", "чет", "пят", "суб", "вос")  # fmt: skip
_CHANGED = re.compile(
    r"updated|modified|actualizad|atualizad|mis à jour|aktualisiert|aggiornat|обновл|bijgewerkt", re.I
)
_WIDE_SOURCE = re.compile(r"(?:来源|來源)\s*[:：]\s*(?P<source>[^\s:：|]+)")
_WIDE_WRITER = re.compile(r"(?:记者|記者|作者)\s*[:：]?\s*(?P<name>[^\s:：|]{2,12})")


class DateLine(NamedTuple):
    """What a date line says."""

    moment: Moment
    changed: bool  # it is the date of the last change
    source: str | None
    authors: tuple[str, ...]


_THAI_MONTHS = (
    "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค. "
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม"
).split()
_THAI_DATE = re.compile(
    rf"(\d{{1,2}})\s+({'|'.join(map(re.escape, _THAI_MONTHS))})\s+((?:พ\.ศ\.\s*)?)(2[05]\d\d)(?!\d)"
)
_BUDDHIST = 543  # years that this era is ahead


def _in_figures(thai: re.Match[str]) -> str:
    year = int(thai[4]) - (_BUDDHIST if int(thai[4]) >= 2500 else 0)
    return f"{year}-{_THAI_MONTHS.index(thai[2]) % 12 + 1:02}-{int(thai[1]):02}"


def read_date_line(line: str, now: datetime) -> DateLine | None:
    """The date of a line that says nothing else; None for a sentence or a headline with a date in it.

    >>> read_date_line("Published: 12 March 2026, 10:15", datetime(2026, 4, 1, tzinfo=UTC)).moment.precision
    'minute'
    >>> read_date_line("What changes on 1 March 2026", datetime(2026, 4, 1, tzinfo=UTC)) is None
    True
    """
    line = _THAI_DATE.sub(_in_figures, line, count=1)
    if len(line) > MAX_CHARS or _YEAR.search(line) is None:
        return None
    wide = re.match(r"(?:19|20)\d\d\s?[年/.-]", line)
    source, writer = _WIDE_SOURCE.search(line), _WIDE_WRITER.search(line)
    if not (wide and (source or writer)) and sum(map(_is_other, _WORD.findall(line))) > MAX_OTHER_WORDS:
        return None
    moment = parse(line, now)
    if moment is None:
        return None
    return DateLine(
        moment,
        changed=_CHANGED.search(line) is not None,
        source=source["source"] if source else None,
        authors=(writer["name"],) if writer else (),
    )


@cache
def _label_words() -> frozenset[str]:
    return frozenset(word for label in words_of("dates") for word in label.split())


def _is_other(word: str) -> bool:
    word = word.casefold()
    if word in _CLOCK_WORDS or word in "年月日时分" or word in _label_words():
        return False
    return not word.startswith(_WEEKDAYS) and word[:3] not in MONTHS
