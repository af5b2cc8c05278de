"""A printed date → a time, with the precision it was printed in. Nothing is filled in, nothing is guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from worker.models import DatePrecision

OLDEST_YEAR = 1990
FUTURE = timedelta(days=2)
MAX_CHARS = 120

ISO = re.compile(
    r"(?<!\d)(\d{4})-(\d{1,2})(?:-(\d{1,2})"
    r"(?:[T ]+(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?)?)?(?!\d)",
    re.I,
)
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z)?)?")
EPOCH = re.compile(r"(\d{10})(?:\d{3})?")
DAY_FIRST = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+|of\s+)?(?P<month>[^\W\d_]{3,12})\.?,?\s+"
    r"(?:del?\s+)?(?P<year>(?:19|20)\d\d)(?!\d)"
)
MONTH_FIRST = re.compile(
    r"(?P<month>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)(?!\d)"
)
YEAR_FIRST = re.compile(r"(?P<year>(?:19|20)\d\d)[/.年년]\s?(?P<month>\d{1,2})[/.月월]\s?(?P<day>\d{1,2})(?!\d)")
YEAR_MONTH = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)\.?\s+(?P<month>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?!\d)")
NUMBERED_MONTH = re.compile(
    r"(?P<day>\d{1,2})\s+tháng\s+(?P<month>\d{1,2}),?\s+(?:năm\s+)?(?P<year>(?:19|20)\d\d)", re.I
)
NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([/.])\s?(\d{1,2})\2\s?((?:19|20)\d\d)(?!\d)")
CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.h時时](\d\d)(?::(\d\d))?\s*(?:([ap])\.?m\b\.?)?", re.I)
ZONE = re.compile(r"\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:])", re.I)

# The first letters of the months in the languages news is most written in: enough to tell them apart.
STARTS = {
    1: "jan ene gen ian янв січ яну јан sty led oca tam ιαν يناي",
    2: "feb fév fev фев лют фєв lut úno şub helm φεβ فبرا",
    3: "mar mär már mrz maa мар бер bře μαρ مارس",
    4: "apr abr avr ápr апр кві kwi dub nis huht απρ أبري",
    5: "may mai мая май тра мај maj máj mag mei kvě touk μαΐ μαι ماي",
    6: "jun jún juin giu iun июн чер юни јун cze červn haz kesä ιουν يوني",
    7: "jul júl juil lug iul июл лип юли јул lip červe tem hein ιουλ يولي",
    8: "aug ago agu aoû ağu авг сер sie srp elo αυγ أغس",
    9: "sep set sze сен сеп вер wrz zář eyl syys σεπ سبت",
    10: "oct okt out ott окт жов paź říj eki loka οκτ أكت",
    11: "nov noi ноя лис ное нов lis kas marra νοε نوف",
    12: "dec dic déc dez des дек гру gru pro ara joul δεκ ديس",
}
MONTHS = {start: number for number, starts in STARTS.items() for start in starts.split()}

Day = tuple[int, int, int]


class Moment(NamedTuple):
    at: datetime  # UTC
    precision: DatePrecision
    timezone_known: bool = True


def parse(text: str, now: datetime) -> Moment | None:
    """The moment that `text` writes in ISO 8601, RFC 2822, epoch seconds or words; None when none, or none between
    1990 and `now` + 2 days. A numeric day and month that could be either way round is no date.

    >>> parse("Sat, 5 March 2022 14:30 +0100", datetime(2026, 1, 1, tzinfo=UTC)).at.isoformat()
    '2022-03-05T13:30:00+00:00'
    """
    text = text.strip()[:MAX_CHARS]
    moment = _parse(text)
    return moment if moment and moment.at.year >= OLDEST_YEAR and moment.at <= now + FUTURE else None


def _parse(text: str) -> Moment | None:
    if found := ISO.search(text) or COMPACT.fullmatch(text):
        year, month, day, hour, minute, second, zone = found.groups()
        if day is None:
            return _day((int(year), int(month), 1), "month")
        return _moment((int(year), int(month), int(day)), hour, minute, second, zone)
    if found := EPOCH.fullmatch(text):
        return Moment(datetime.fromtimestamp(int(found[1]), UTC), "second")
    if (printed := _printed_day(text)) is None:
        return None
    date, start, end = printed
    clock = CLOCK.search(text, end) or CLOCK.search(text, 0, start)
    if clock is None:
        return _day(date, "day")
    hour = int(clock[1])
    if clock[4]:
        hour = hour % 12 + (12 if clock[4] in "pP" else 0)
    zone = ZONE.match(text, clock.end())
    return _moment(date, str(hour), clock[2], clock[3], zone[1] if zone else None)


def _printed_day(text: str) -> tuple[Day, int, int] | None:
    """The day written in words or numbers, and where it stands."""
    for pattern in (DAY_FIRST, MONTH_FIRST, YEAR_FIRST, YEAR_MONTH, NUMBERED_MONTH):
        for found in pattern.finditer(text):
            month = int(found["month"]) if found["month"].isdigit() else _month(found["month"])
            if month:
                return (int(found["year"]), month, int(found["day"])), found.start(), found.end()
    if numbers := NUMERIC.search(text):
        first, second, year = int(numbers[1]), int(numbers[3]), int(numbers[4])
        if numbers[2] == "." or first > 12 or first == second:
            return (year, second, first), numbers.start(), numbers.end()
        if second > 12:
            return (year, first, second), numbers.start(), numbers.end()
    return None


def _month(word: str) -> int | None:
    word = word.casefold()
    return next((MONTHS[word[:length]] for length in (5, 4, 3) if word[:length] in MONTHS), None)


def _moment(date: Day, hour: str | None, minute: str | None, second: str | None, zone: str | None) -> Moment | None:
    if hour is None or minute is None:
        return _day(date, "day")
    try:
        at = datetime(*date, int(hour), int(minute), min(int(second or 0), 59), tzinfo=_zone(zone))
        return Moment(at.astimezone(UTC), "second" if second else "minute", zone is not None)
    except (ValueError, OverflowError):
        return _day(date, "day")


def _day(date: Day, precision: DatePrecision) -> Moment | None:
    try:
        return Moment(datetime(*date, tzinfo=UTC), precision)
    except ValueError:
        return None


def _zone(zone: str | None) -> timezone:
    if not zone or zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if zone[0] == "-" else offset)
