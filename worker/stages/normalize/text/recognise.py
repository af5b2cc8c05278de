"""The structure of a capture that rules can see: headline, breadcrumb, counters, captions, bylines …

Each recogniser only takes lines that no earlier one took. What is left is for the line model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from worker.models import LeadImage
from worker.stages.normalize import furniture, syndication
from worker.stages.normalize.furniture import COMMENTS, KINDS, READ_ON, Signs, words_of
from worker.stages.normalize.lines import Lines
from worker.stages.normalize.sections import split_sections
from worker.stages.normalize.syndication import Claim
from worker.stages.normalize.text.byline import MAX_BYLINE, read_byline

TOP = 15  # lines in which a repeated line is a headline
_NON_LETTERS = re.compile(r"[\W_]+")
_COUNTER = re.compile(r"[\d.,:+#()\s/|·•-]*\d[\d.,\s]*[KkMm]?\+?[\s)]*(?P<unit>[^\W\d_][^\d]{0,20})?")
_SEPARATOR = re.compile(r"\s*(?:[›»>→❯]|\s/\s)\s*")


@dataclass(slots=True)
class Findings:
    """What the recognisers took, by line, and the fields they filled."""

    roles: list[str | None]
    whys: list[str]
    headline: str | None = None
    alt_headlines: list[str] = field(default_factory=list)
    breadcrumbs: tuple[str, ...] = ()
    byline: str | None = None
    authors: tuple[str, ...] = ()
    source_line: str | None = None
    caption: str | None = None
    credit: str | None = None
    claims: list[Claim] = field(default_factory=list)
    end: int = 0  # lines from here on are behind the article
    body_start: int = 0  # the first line that reads like body

    def take(self, line: int, role: str, why: str) -> None:
        """Give a free line its role."""
        if self.roles[line] is None:
            self.roles[line] = role
            self.whys[line] = why

    @property
    def lead_image(self) -> LeadImage | None:
        if self.caption is None and self.credit is None:
            return None
        return LeadImage(caption=self.caption, credit=self.credit)


def recognise(lines: Lines, signs: Signs, title: str | None) -> Findings:
    """What rules can tell about each line."""
    total = len(lines.text)
    found = Findings([None] * total, [""] * total, end=total)
    found.body_start = _body_start(lines, signs)
    _headline(lines, signs, title, found)
    _breadcrumb(lines, found)
    _counters(lines, found)
    _captions(lines, signs, found)
    _courtesies(lines, signs, found)
    _bylines(lines, found)
    _furniture(lines, signs, found)
    return found


def letters_of(text: str) -> str:
    """The letters and digits of `text`, lower case, for comparing headlines."""
    return _NON_LETTERS.sub("", text).casefold()


def _body_start(lines: Lines, signs: Signs) -> int:
    """The first line that reads like body: a sentence of some length that phrases do not cover."""
    good = (lines.words >= 15) & lines.ends & (signs.covered < 0.3)
    return int(good.argmax()) if good.any() else len(lines.text)


def _is_headline(lines: Lines, i: int) -> bool:
    return 3 <= lines.words[i] <= 30 and not lines.text[i].endswith((".", "…", "。", ":", "：", ","))


def _headline(lines: Lines, signs: Signs, title: str | None, found: Findings) -> None:
    """The line that is the title told, else one that occurs twice near the top, else the longest before the body."""
    limit = min(found.body_start, len(lines.text))
    best: int | None = None
    why = ""
    keys = [letters_of(text) for text in lines.text[: max(limit, TOP)]]
    if title:
        told = letters_of(syndication.split_headline(title)[0])
        for i, key in enumerate(keys):
            if key and lines.words[i] >= 2 and (key == told or (len(key) > 20 and (key in told or told in key))):
                best, why = i, "the title told with the capture"
                break
    if best is None:
        for i in range(min(TOP, len(keys))):
            if _is_headline(lines, i) and signs.kind[i] is None and keys.count(keys[i]) > 1:
                best, why = i, "stands there more than once"
                break
    if best is None:
        candidates = [i for i in range(max(0, limit - 12), limit) if _is_headline(lines, i) and signs.kind[i] is None]
        candidates = [
            i
            for i in candidates
            if lines.words[i] >= 4 and signs.menu[i] < furniture.COVERED and read_byline(lines.text[i]) is None
        ]
        if candidates:
            best = max(candidates, key=lambda i: (min(float(lines.words[i]), 9.0), i))
            why = "the longest line without a sentence end before the body"
    if best is None:
        if title:
            found.headline = syndication.split_headline(title)[0]
        return
    shown = lines.text[best]
    found.headline, publisher = syndication.split_headline(shown)
    if publisher is not None:
        found.alt_headlines.append(shown)
        found.claims.append(Claim(publisher, "headline_suffix"))
    full, bare = letters_of(shown), letters_of(found.headline)
    for i, key in enumerate(keys):
        if key in (full, bare):
            found.take(i, "headline", why)


def _breadcrumb(lines: Lines, found: Findings) -> None:
    """A line before the headline's last copy that ends with it, or that names parts with separators from home on."""
    homes = words_of("home")
    heads = [i for i, role in enumerate(found.roles) if role == "headline"]
    for i in range(min((heads[-1] if heads else found.body_start) + 1, len(lines.text))):
        if found.roles[i] is not None or lines.words[i] > 45:
            continue
        text = lines.text[i]
        rest = _before_headline(text, found)
        if rest is not None:
            parts = [part for part in _SEPARATOR.split(rest) if part]
            if len(parts) <= 1:
                parts = split_sections(rest)
            if 1 <= len(parts) <= 8:
                found.breadcrumbs = tuple(parts)
                found.take(i, "breadcrumb", "ends with the headline")
                return
        parts = [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
        if 2 <= len(parts) <= 8 and parts[0].casefold() in homes:
            if found.headline and letters_of(parts[-1])[:20] == letters_of(found.headline)[:20]:
                parts = parts[:-1]
            found.breadcrumbs = tuple(parts)
            found.take(i, "breadcrumb", "parts with separators, from home on")
            return


def _before_headline(text: str, found: Findings) -> str | None:
    for headline in (*found.alt_headlines, found.headline):
        if headline and len(text) > len(headline) and text.endswith(headline):
            return text[: -len(headline)].strip(" ›»>/|→❯")
    return None


def _counters(lines: Lines, found: Findings) -> None:
    """Lines that hold a number and at most what it counts."""
    counted = words_of("counted")
    for i in ((lines.counts[1] > 0) & (lines.chars <= 40)).nonzero()[0].tolist():
        if (match := _COUNTER.fullmatch(lines.text[i])) and (
            match["unit"] is None or match["unit"].strip(" :()").casefold() in counted
        ):
            found.take(i, "counter", "a number and what it counts")


def _captions(lines: Lines, signs: Signs, found: Findings) -> None:
    """Lines with a credit mark, cut at the mark; the first is the lead image's."""
    for i in signs.credit:
        if found.roles[i] is not None or lines.words[i] > 90:
            continue
        text = lines.text[i]
        halves = syndication.split_credit(text)
        if halves is None or (halves.credit is not None and len(halves.credit) > 120):
            continue
        if halves.caption and not _may_be_caption(lines, i, found):
            continue
        if claim := syndication.read_courtesy(text, inside="caption_courtesy"):
            found.claims.append(claim)
        if found.caption is None and found.credit is None:
            found.caption, found.credit = halves
        found.take(i, "caption" if halves.caption else "credit", "a credit mark")


def _may_be_caption(lines: Lines, i: int, found: Findings) -> bool:
    """Captions are short; a longer paragraph is one only at the top, where pictures stand."""
    return bool(lines.words[i] <= 40 or i <= found.body_start + 1)


def _courtesies(lines: Lines, signs: Signs, found: Findings) -> None:
    """Short lines that say where the text is from."""
    for i in signs.courtesy:
        if found.roles[i] is None and lines.words[i] <= 30 and (claim := syndication.read_courtesy(lines.text[i])):
            if claim.evidence == "copyright_line" and i < found.body_start:
                continue
            found.claims.append(claim)
            found.source_line = found.source_line or lines.text[i]
            found.take(i, "source_line", "says where the text is from")


def _bylines(lines: Lines, found: Findings) -> None:
    """The first byline around the start of the body; lines there that hold an agency alone."""
    total = len(lines.text)
    near = range(total)
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


def _furniture(lines: Lines, signs: Signs, found: Findings) -> None:
    """Lines that furniture phrases cover; a comment form behind body ends the article."""
    for i, kind in enumerate(signs.kind):
        if kind is None:
            continue
        role = "read_on" if kind == READ_ON else "furniture"
        found.take(i, role, f"phrases of {KINDS[kind]}")
        if kind == COMMENTS and i > found.body_start and found.end > i:
            found.end = i
