"""What a page prints around its headline: the byline and the dates, for pages that tell them to no machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from worker.stages.normalize.metadata.date_text import parse
from worker.stages.normalize.metadata.dates import CHANGED, Dated
from worker.stages.normalize.metadata.names import PERSON, rank
from worker.stages.normalize.text.byline import read_byline

MAX_LINE = 160  # characters
MAX_WORDS = 14  # of a line with a date; one with more speaks of a day, it is not of that day
MAX_DAYS = 2  # more different ones are a list of articles
MAX_LABEL = 3  # words
PART = re.compile(rf"\s*(?=\b(?:last )?(?:{CHANGED.pattern}))", re.I)
SPEAKS_OF_OTHERS = re.compile(
    r"©|copyright|all rights|deadline|expires?|until|valid|born|event|register|join us|webinar", re.I
)


class Printed(NamedTuple):
    authors: tuple[str, ...] = ()  # persons
    published: Dated | None = None
    modified: Dated | None = None


def read_printed(head: Iterable[str], now: datetime) -> Printed:
    """The byline and dates among the short lines of `head`, the nearest to the headline first."""
    names: tuple[str, ...] = ()
    days: list[Dated] = []
    changed: list[Dated] = []
    label = ""
    for line in head:
        before, label = label, line
        if len(line) > MAX_LINE:
            continue
        names = names or tuple(name for name in read_byline(line) or () if rank(name) == PERSON)
        for part in _dated(line):
            if moment := parse(part, now):
                dated = Dated(moment.at, moment.precision, "text", moment.timezone_known)
                (changed if CHANGED.search(part) or _is_changed(before) else days).append(dated)
    if len({dated.at.date() for dated in days}) > MAX_DAYS:
        days = []
    return Printed(names, days[0] if days else None, changed[0] if changed else None)


def _is_changed(label: str) -> bool:
    """Whether the line before a date says that it is of a change: "Last updated:"."""
    return len(label.split()) <= MAX_LABEL and not any(map(str.isdigit, label)) and CHANGED.search(label) is not None


def _dated(line: str) -> Iterator[str]:
    """The parts of a line that may be a date and little else."""
    if not any(sign.isdigit() for sign in line) or SPEAKS_OF_OTHERS.search(line):
        return
    for part in PART.split(line):
        if len(part.split()) <= MAX_WORDS and not part.endswith((".", "?", "!")):
            yield part
