"""What a page prints around its headline: the byline and the dates, for pages that tell them to no machine."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from worker.stages.normalize.lines import PRINTED_DAY, letters
from worker.stages.normalize.metadata.date_text import parse
from worker.stages.normalize.metadata.dates import CHANGED, PUBLISHED, Dated
from worker.stages.normalize.metadata.names import BY, PERSON, rank, split_names
from worker.stages.normalize.text.byline import read_byline, read_name

MAX_LINE = 160  # characters
MAX_WORDS = 14  # of a line with a date; one with more speaks of a day, it is not of that day
MAX_DAYS = 2  # more different ones are a list of articles
MAX_LABEL = 3  # words
MAX_LABEL_CHARS = 30
MAX_TEAM = 4  # words
MAX_HOUSE = 60  # characters of the line that names a team or a house
HOUSE_END = re.compile(
    rf"\s*(?:[|•·●⋅]|\b(?:on|in|for)\b|\d{{1,2}}\s*(?:[–-]\s*\d+\s*)?min|{PRINTED_DAY}|\d{{1,2}}[\s/.]).*$",
    re.I,
)
NEAR = 8  # blocks of the head in which a name may stand alone
SIGNED = re.compile(
    r"(?:(?:this|the) (?:post|article|story|guide|piece|blog post)(?: was)? )?"
    r"(?:written|authored|posted|text|words|story) by[: ]\s*(?P<name>[^.;]{4,80})",
    re.I,
)
PART = re.compile(rf"\s*(?=(?:\b|(?<=\d))(?:last )?(?:{CHANGED.pattern}))", re.I)
GLUED = re.compile(r"(?<=[a-zà-ÿ\d])(?=[A-Z][^\W\d_]+\.? \d)")  # "NewsMay 5, 2021", "May 5, 2021April 24, 2021"
MAX_ALONE = 8  # words
SPEAKS_OF_OTHERS = re.compile(
    r"©|copyright|all rights|deadline|expires?|until|valid|born|event|register|join us|webinar|\bhours\b|"
    r"\bopen today\b",
    re.I,
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
        names = names or tuple(
            name for name in read_byline(line) or () if rank(name) == PERSON and next(split_names(name), None) == name
        )
        for part in _dated(line):
            if moment := parse(part, now):
                dated = Dated(moment.at, moment.precision, "text", moment.timezone_known)
                (changed if CHANGED.search(part) or _is_changed(before) else days).append(dated)
    if len({dated.at.date() for dated in days}) > MAX_DAYS:
        days = []
    return Printed(names, days[0] if days else None, changed[0] if changed else None)


def read_only_day(whole: Iterable[str], now: datetime) -> Dated | None:
    """The day that a page prints far from its headline: behind "Published", or the only one among its short lines.

    Of 95 developer pages that told no day elsewhere it named 8, all as labelled, and one of a page labelled undated.
    """
    days: list[tuple[bool, Dated]] = []
    label = ""
    for line in whole:
        before, label = label[-MAX_LABEL_CHARS:], line
        if len(line) > MAX_LINE or CHANGED.search(line) or CHANGED.search(before) or SPEAKS_OF_OTHERS.search(before):
            continue
        for part in _dated(line):
            moment = parse(part, now)
            if moment and moment.precision != "month":
                dated = Dated(moment.at, moment.precision, "text", moment.timezone_known)
                told = PUBLISHED.search(part) or (len(label) <= MAX_LINE and PUBLISHED.search(before))
                if len(part.split()) <= MAX_ALONE:
                    days.append((told is not None, dated))
    labelled, alone = [day for told, day in days if told], [day for _, day in days]
    for chosen, most in ((labelled, MAX_DAYS), (alone, 1)):
        if 0 < len({day.at.date() for day in chosen}) <= most:
            return chosen[0]
    return None


def read_signature(
    head: Sequence[str], tail: Sequence[str], whole: Sequence[str], no_names: Collection[str] = ()
) -> tuple[str, ...]:
    """Who signed a text that has no byline: behind a label ("Written by"), at its end, or by name alone.

    A name alone between headline and text may be a section: it counts where the page also speaks of that person.
    `no_names`: the letters of what only looks like one, the sections and keywords of the page.
    """
    for lines in (head[:NEAR], tail):
        for label, line in pairwise(lines):
            if len(label) <= MAX_LABEL_CHARS and _is_label(label) and (names := _names(line)):
                return names
    for line in tail:
        signed = SIGNED.match(line)
        signers = split_names(signed["name"], printed=True) if signed else ()
        if people := tuple(name for name in signers if rank(name) == PERSON):
            return people
    for line in head[:NEAR]:
        name = read_name(line)
        if not name or rank(name) != PERSON or next(split_names(name), None) != name or letters(name) in no_names:
            continue
        if _is_spoken_of(name, whole):
            return (name,)
    return ()


def read_house(head: Sequence[str]) -> tuple[str, ...]:
    """Who signed where no person did: the team, the house or the single name behind a "By" near the headline."""
    for line in head[:NEAR]:
        if not (opening := BY.match(line)) or len(line) > MAX_HOUSE or line.endswith((".", "?", "!")):
            continue
        name = HOUSE_END.sub("", line[opening.end() :]).strip(" .,:;-–—|•·●⋅")
        spelt = [word for word in name.split() if word.lower() not in ("the", "and", "of", "&")]
        if name and 0 < len(spelt) <= MAX_TEAM and all(word[:1].isupper() or word[:1].isdigit() for word in spelt):
            return (name,)
    return ()


def _is_label(line: str) -> bool:
    return BY.fullmatch(line) is not None or BY.fullmatch(f"{line}:") is not None


def _names(line: str) -> tuple[str, ...]:
    """The names of a line that holds nothing else; a team may sign as well."""
    if len(line) > MAX_LINE or line.endswith((".", "?", "!")):
        return ()
    names = tuple(split_names(line, printed=True))
    people = tuple(name for name in names if rank(name) == PERSON)
    return people or tuple(name for name in names[:1] if 2 <= len(name.split()) <= MAX_TEAM)


def _is_spoken_of(name: str, whole: Sequence[str]) -> bool:
    """Whether another block says what this person is, does, or has written."""
    given = name.split(maxsplit=1)[0]
    spoken = re.compile(
        rf"\b(?:by|about|from) {re.escape(name)}\b|^(?:{re.escape(name)}|{re.escape(given)}),? "
        r"(?:is|has|was|writes|works|serves|joined|leads|holds|brings|covers)\b"
    )
    return any(given in text and spoken.search(text) for text in whole)


def _is_changed(label: str) -> bool:
    """Whether the line before a date says that it is of a change: "Last updated:"."""
    return len(label.split()) <= MAX_LABEL and not any(map(str.isdigit, label)) and CHANGED.search(label) is not None


def _dated(line: str) -> Iterator[str]:
    """The parts of a line that may be a date and little else."""
    if not any(sign.isdigit() for sign in line) or SPEAKS_OF_OTHERS.search(line):
        return
    for part in PART.split(GLUED.sub(" ", line)):
        if len(part.split()) <= MAX_WORDS and not part.endswith((".", "?", "!")):
            yield part
