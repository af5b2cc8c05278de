"""The structure of a capture that rules can see: headline, breadcrumb, counters, captions, bylines …

Each recogniser only takes lines that no earlier one took. What is left is for the line model.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from worker.stages.normalize import syndication
from worker.stages.normalize.furniture import COMMENTS, KINDS, READ_ON, Signs, words_of
from worker.stages.normalize.lines import Floats, Passage
from worker.stages.normalize.syndication import Claim
from worker.stages.normalize.text.byline import MAX_BYLINE, read_byline, read_name
from worker.stages.normalize.text.date_line import read_date_line
from worker.stages.normalize.text.findings import BODY_WORDS, TOP, Findings
from worker.stages.normalize.text.headline import take_breadcrumb, take_headline
from worker.stages.normalize.text.model import Judgement
from worker.stages.normalize.text.source_link import read_source_link

LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # dates are believed up to then where nobody says what is now
_COUNTER = re.compile(r"[\d.,:+#()\s/|·•-]*\d[\d.,\s]*[KkMm]?\+?[\s)]*(?P<unit>[^\W\d_][^\d]{0,20})?")


MOST_BEFORE = 400  # lines in which a byline is looked for where no body follows
LONGEST_LINK = 600  # characters of a line that ends with the address of its source
MAX_COUNTER = 40  # characters
CONSENT_LEAST = 6  # words of such a note
CONSENT_WORDS = re.compile(
    r"\bcookies?\b|\bpartners?\b|partner[ns]?\b|partenaires|socios|parceiros|партн[её]р|privacy|privacidad|"
    r"datenschutz|einwilligung|consent\w*|personali[sz]\w*|персонал\w*|werbung|anzeigen|publicit\w*|publicidad\w*",
    re.IGNORECASE,
)
DESK = re.compile(r"^\((?:additional )?(?:reporting|writing|editing|compiled|written) (?:by|in) .*\)$", re.IGNORECASE)


def recognise(lines: Passage, signs: Signs, judged: Judgement, title: str | None, now: datetime) -> Findings:
    """What rules can tell about each line."""
    total = len(lines.text)
    found = Findings([None] * total, [""] * total, end=total)
    found.body_start = _body_start(lines, judged.body, judged.keep)
    _dates(lines, found, now)
    take_headline(lines, signs, judged.headline, title, found)
    take_breadcrumb(lines, found)
    _counters(lines, found)
    _captions(lines, signs, found)
    _source_links(lines, found)
    _courtesies(lines, signs, found)
    _read_ons(lines, signs, found)
    _bylines(lines, found)
    _name_alone(lines, found)
    _consent(lines, found)
    _furniture(lines, signs, found)
    return found


def _body_start(lines: Passage, scores: Floats, keep: float) -> int:
    """Where the run of lines begins that holds the most words above `keep`; the number of lines if none does."""
    words, body = lines.words, scores.tolist()
    best, start, gain, begun = -math.inf, 0, 0.0, 0
    for i, (count, score) in enumerate(zip(words, body, strict=True)):  # Kadane's maximum-sum run
        if gain <= 0:
            gain, begun = 0.0, i
        gain += count * max(score - keep, -0.25)
        if gain > best:
            best, start = gain, begun
    good = [i for i in range(start, len(body)) if body[i] >= keep]
    return next((i for i in good if words[i] >= BODY_WORDS), good[0] if good else len(body))


def _dates(lines: Passage, found: Findings, now: datetime) -> None:
    """Lines around the start of the body that hold a date and nothing else."""
    for i in range(min(len(lines.text), max(found.body_start + 2, TOP))):
        if lines.digits[i] < 5 or (lines.ends[i] and lines.words[i] > 6):
            continue
        said = read_date_line(lines.text[i], now)
        if said is None:
            if now < LATEST and read_date_line(lines.text[i], LATEST):  # then the clock is wrong, not the line
                found.take(i, "date", "a date that is still to come, and nothing else")
            continue
        if said.changed:
            found.modified = found.modified or said.moment
        else:
            found.published = found.published or said.moment
        if said.source:
            found.source_line = found.source_line or lines.text[i]
            if publisher := syndication.find_organisation(said.source):
                found.claims.append(Claim(publisher, "source_line"))
        if said.authors:
            found.byline, found.authors = found.byline or lines.text[i], found.authors or said.authors
        found.take(i, "date", "a date, and nothing else")


def _counters(lines: Passage, found: Findings) -> None:
    """Lines that hold a number and at most what it counts."""
    counted = words_of("counted")
    for i, (digits, chars) in enumerate(zip(lines.digits, lines.chars, strict=True)):
        if not digits or chars > MAX_COUNTER or not (match := _COUNTER.fullmatch(lines.text[i])):
            continue
        if match["unit"] is None or match["unit"].strip(" :()").casefold() in counted:
            found.take(i, "counter", "a number and what it counts")


def _captions(lines: Passage, signs: Signs, found: Findings) -> None:
    """Lines with a credit mark, cut at the mark; the first is the lead image's."""
    for i in signs.credit:
        if found.roles[i] is not None or lines.words[i] > 90:
            continue
        if lines.words[i] > 40 and i > found.body_start + 1:  # long captions stand at the top, where pictures are
            continue
        text = lines.text[i]
        halves = syndication.split_credit(text)
        if halves is None or (halves.credit is not None and len(halves.credit) > 120):
            continue
        if halves.caption is None and signs.kind[i] is not None and text[0] == "©":
            continue  # "© All rights reserved" is no photographer
        if claim := syndication.read_courtesy(text, inside="caption_courtesy"):
            found.claims.append(claim)
        if found.caption is None and found.credit is None:
            found.caption, found.credit = halves
        found.take(i, "caption" if halves.caption else "credit", "a credit mark")


def _source_links(lines: Passage, found: Findings) -> None:
    """Lines that say where the text was first published, with the address there or alone on the next line."""
    for i, text in enumerate(lines.text):
        if found.roles[i] is not None or len(text) > LONGEST_LINK or ("://" not in text and "www." not in text):
            continue
        said = [i]
        link = read_source_link(text)
        if link is None and i and " " not in text and found.roles[i - 1] is None and lines.words[i - 1] <= 12:
            link, said = read_source_link(f"{lines.text[i - 1]} {text}"), [i - 1, i]
        if link is not None:
            found.claims.append(link.claim)
            if claim := syndication.read_courtesy(text):
                found.claims.append(claim)
            found.source_url = found.source_url or link.url
            found.source_line = found.source_line or " ".join(lines.text[at] for at in said)
            for at in said:
                found.take(at, "source_line", "says where the text was first published")


def _courtesies(lines: Passage, signs: Signs, found: Findings) -> None:
    """Short lines that say where the text is from."""
    for i in signs.courtesy:
        if found.roles[i] is None and lines.words[i] <= 30 and (claim := syndication.read_courtesy(lines.text[i])):
            if claim.evidence == "copyright_line" and i < found.body_start:
                continue
            found.claims.append(claim)
            found.source_line = found.source_line or lines.text[i]
            found.take(i, "source_line", "says where the text is from")


def _read_ons(lines: Passage, signs: Signs, found: Findings) -> None:
    """Short lines behind the start of the body that say where the full text is."""
    for i, end in signs.leading.items():
        if found.roles[i] is not None or i <= found.body_start or lines.words[i] > 12:
            continue
        if claim := syndication.read_on_at(lines.text[i][end:]):
            found.claims.append(claim)
            found.take(i, "read_on", "says where the full text is")


def _bylines(lines: Passage, found: Findings) -> None:
    """The first byline around the start of the body; lines there, or in brackets, that hold an agency alone."""
    total = len(lines.text)
    for i, text in enumerate(lines.text):
        if text[0] != "(" or lines.words[i] > 40 or found.roles[i] is not None:
            continue
        if DESK.match(text):
            found.take(i, "source_line", "names the agency's desk")
        elif claim := syndication.read_agency_line(text):
            found.claims.append(claim)
            found.source_line = found.source_line or text
            found.take(i, "source_line", "an agency alone")
    near = range(min(total, MOST_BEFORE))
    if found.body_start < total:
        near = range(max(0, found.body_start - 12), min(found.body_start + 2, total))
    for i in near:
        if found.roles[i] is not None or lines.chars[i] > MAX_BYLINE:
            continue
        text = lines.text[i]
        if claim := syndication.read_agency_line(text):
            found.claims.append(claim)
            found.source_line = found.source_line or text
            found.take(i, "source_line", "an agency alone")
        elif found.byline is None and (names := read_byline(text)):
            found.byline, found.authors = text, names
            if agency := syndication.find_organisation(names[0]):
                found.claims.append(Claim(agency, "byline"))
            found.take(i, "byline", "opens like a byline")
            if i + 1 < total and lines.words[i + 1] <= 4 and not lines.ends[i + 1] and lines.chars[i + 1] < 40:
                found.take(i + 1, "byline", "the writer's office, behind the byline")


def _name_alone(lines: Passage, found: Findings) -> None:
    """Between the headline and the date, a name that no word introduces."""
    for i in range(1, min(found.body_start + 1, len(lines.text) - 1)):
        if found.roles[i - 1] == "headline" and found.roles[i] is None and found.roles[i + 1] == "date":
            if found.byline is None and (name := read_name(lines.text[i])):
                found.byline, found.authors = lines.text[i], (name,)
                found.take(i, "byline", "a name between headline and date")
            return


def _consent(lines: Passage, found: Findings) -> None:
    """What a cookie note says before the headline of an article; where no article follows, the note is a wall."""
    top = found.roles.index("headline") if "headline" in found.roles else 0
    long = [i for i in range(top) if lines.words[i] >= CONSENT_LEAST]
    if not long or not any(
        ends and words >= 2 * BODY_WORDS
        for ends, words in zip(lines.ends[top + 1 :], lines.words[top + 1 :], strict=True)
    ):
        return
    for i in long:
        if len({word.casefold() for word in CONSENT_WORDS.findall(lines.text[i])}) >= 2:
            found.take(i, "furniture", "speaks of cookies before the headline")


def _furniture(lines: Passage, signs: Signs, found: Findings) -> None:
    """Lines that furniture phrases cover; a comment form behind body ends the article."""
    for i, kind in enumerate(signs.kind):
        if kind is None:
            continue
        role = "read_on" if kind == READ_ON else "furniture"
        found.take(i, role, f"phrases of {KINDS[kind]}")
        if kind == COMMENTS and i > found.body_start and found.end > i:
            found.end = i
