"""The structure of a capture that rules can see: headline, breadcrumb, counters, captions, bylines …

Each recogniser only takes lines that no earlier one took. What is left is for the line model.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from worker.models import LeadImage
from worker.stages.normalize import syndication
from worker.stages.normalize.furniture import COMMENTS, KINDS, READ_ON, Signs, words_of
from worker.stages.normalize.lines import DIGITS, Floats, Lines
from worker.stages.normalize.metadata.date_text import Moment
from worker.stages.normalize.sections import split_sections
from worker.stages.normalize.syndication import Claim
from worker.stages.normalize.text.byline import MAX_BYLINE, read_byline, read_name
from worker.stages.normalize.text.date_line import read_date_line
from worker.stages.normalize.text.model import Judgement
from worker.stages.normalize.text.source_link import read_source_link

LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # dates are believed up to then where nobody says what is now
TOP = 15  # lines that are looked at for a headline even when they read like body
BODY_WORDS = 12  # words of a line that may open the body
AGAIN = 0.3  # what being said again adds to the probability of a headline; judgement
LEAST = 0.05  # below this there is no headline
MOST_WORDS = 40  # of a headline
BEFORE_BODY = 40  # lines before the body in which a headline is looked for
_COUNTER = re.compile(r"[\d.,:+#()\s/|·•-]*\d[\d.,\s]*[KkMm]?\+?[\s)]*(?P<unit>[^\W\d_][^\d]{0,20})?")
_NEITHER = re.compile(r"[\W_]+")
_SEPARATOR = re.compile(r"\s*(?:[›»>→❯]|\s/\s)\s*")


CONSENT_WORDS = re.compile(
    r"\bcookies?\b|\bpartners?\b|partner[ns]?\b|partenaires|socios|parceiros|партн[её]р|privacy|privacidad|"
    r"datenschutz|einwilligung|consent\w*|personali[sz]\w*|персонал\w*|werbung|anzeigen|publicit\w*|publicidad\w*",
    re.IGNORECASE,
)
DESK = re.compile(r"^\((?:additional )?(?:reporting|writing|editing|compiled|written) (?:by|in) .*\)$", re.IGNORECASE)


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
    source_url: str | None = None
    caption: str | None = None
    credit: str | None = None
    claims: list[Claim] = field(default_factory=list)
    published: Moment | None = None
    modified: Moment | None = None
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


def recognise(lines: Lines, signs: Signs, judged: Judgement, title: str | None, now: datetime) -> Findings:
    """What rules can tell about each line."""
    total = len(lines.text)
    found = Findings([None] * total, [""] * total, end=total)
    found.body_start = _body_start(lines, judged.body, judged.keep)
    _dates(lines, found, now)
    _headline(lines, signs, judged.headline, title, found)
    _breadcrumb(lines, found)
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


def letters_of(text: str) -> str:
    """The letters and digits of `text`, lower case, for comparing headlines."""
    return _NEITHER.sub("", text).casefold()


def _body_start(lines: Lines, scores: Floats, keep: float) -> int:
    """Where the run of lines begins that holds the most words above `keep`; the number of lines if none does."""
    words, body = lines.words.tolist(), scores.tolist()
    best, start, gain, begun = -math.inf, 0, 0.0, 0
    for i, (count, score) in enumerate(zip(words, body, strict=True)):  # Kadane's maximum-sum run
        if gain <= 0:
            gain, begun = 0.0, i
        gain += count * max(score - keep, -0.25)
        if gain > best:
            best, start = gain, begun
    good = [i for i in range(start, len(body)) if body[i] >= keep]
    return next((i for i in good if words[i] >= BODY_WORDS), good[0] if good else len(body))


def _dates(lines: Lines, found: Findings, now: datetime) -> None:
    """Lines around the start of the body that hold a date and nothing else."""
    for i in range(min(len(lines.text), max(found.body_start + 2, TOP))):
        if lines.counts[DIGITS, i] < 5 or (lines.ends[i] and lines.words[i] > 6):
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


def _headline(lines: Lines, signs: Signs, likely: Floats, title: str | None, found: Findings) -> None:
    """The line that is the title told with the capture, else the one before the body that most speaks for."""
    reach = max(found.body_start + 1, TOP)
    words = lines.words[:reach].tolist()
    keys = [letters_of(text) if count <= MOST_WORDS else "" for text, count in zip(lines.text, words, strict=False)]
    best, why = None, ""
    if title:
        best, why = _told(lines, keys, title), "the title told with the capture"
    if best is None:
        best, why = _most_like_headline(
            lines, signs, likely, keys, found.body_start, [role is None for role in found.roles]
        )
    if best is None:
        found.headline = syndication.split_headline(title)[0] if title else None
        return
    shown = lines.text[best]
    found.headline, publisher = syndication.split_headline(shown)
    if publisher is None and (supposed := syndication.supposed_publisher(shown, lines.text)):
        found.headline, publisher = supposed
    if publisher is not None:
        found.alt_headlines.append(shown)
        found.claims.append(Claim(publisher, "headline_suffix"))
    full, bare = letters_of(shown), letters_of(found.headline)
    for i, key in enumerate(keys):
        if key in (full, bare):
            found.take(i, "headline", why)


def _told(lines: Lines, keys: list[str], title: str) -> int | None:
    """The first line that is `title`, or that begins it or is begun by it, site name aside."""
    told = letters_of(title)
    for i, key in enumerate(keys):
        if key and (key == told or (len(key) > 12 and (told.startswith(key) or key.startswith(told)))):
            return i
    return None


def _most_like_headline(
    lines: Lines, signs: Signs, likely: Floats, keys: list[str], body_start: int, free: list[bool]
) -> tuple[int | None, str]:
    """The line before the body that the model thinks likeliest; being said again near the top counts as well."""
    best, best_score, why = None, LEAST, ""
    nearest = range(max(0, body_start - BEFORE_BODY), min(max(body_start + 1, 5), len(keys)))
    credits = set(signs.credit)
    candidates = [
        i
        for i in (*range(min(5, nearest.start)), *nearest)
        if 2 <= lines.words[i] <= MOST_WORDS
        and len(keys[i]) >= 6
        and signs.kind[i] is None
        and free[i]
        and not (lines.ends[i] and lines.words[i] >= BODY_WORDS and i >= body_start)
        and not (i in credits and syndication.split_credit(lines.text[i]))
    ]
    said = "\n".join(keys[i] for i in candidates)
    if body_start in candidates and not lines.ends[body_start]:
        best, why = body_start, "opens the body without a sentence end"
    for i in candidates:
        again = len(keys[i]) >= 15 and said.count(keys[i]) > 1
        score = float(likely[i]) + AGAIN * again
        if score > best_score and read_byline(lines.text[i]) is None:
            best, best_score = i, score
            why = "said again near the top" if again else "line model"
    if best is None:
        before = [i for i in candidates if i < body_start and lines.words[i] >= 4 and not lines.ends[i]]
        best, why = (before[-1], "the last line before the body") if before else (None, "")
    for i in candidates:  # a breadcrumb ends with the headline, a page title begins with it
        if best is None or lines.words[i] < 3 or not len(keys[best]) > len(keys[i]) >= 15:
            continue
        if keys[best].endswith(keys[i]) or keys[best].startswith(keys[i]):
            best = i
    return best, why


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
    for i in ((lines.counts[DIGITS] > 0) & (lines.chars <= 40)).nonzero()[0].tolist():
        if (match := _COUNTER.fullmatch(lines.text[i])) and (
            match["unit"] is None or match["unit"].strip(" :()").casefold() in counted
        ):
            found.take(i, "counter", "a number and what it counts")


def _captions(lines: Lines, signs: Signs, found: Findings) -> None:
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


def _source_links(lines: Lines, found: Findings) -> None:
    """Lines that say where the text was first published, with the address there or alone on the next line."""
    for i, text in enumerate(lines.text):
        if found.roles[i] is not None or ("://" not in text and "www." not in text):
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


def _courtesies(lines: Lines, signs: Signs, found: Findings) -> None:
    """Short lines that say where the text is from."""
    for i in signs.courtesy:
        if found.roles[i] is None and lines.words[i] <= 30 and (claim := syndication.read_courtesy(lines.text[i])):
            if claim.evidence == "copyright_line" and i < found.body_start:
                continue
            found.claims.append(claim)
            found.source_line = found.source_line or lines.text[i]
            found.take(i, "source_line", "says where the text is from")


def _read_ons(lines: Lines, signs: Signs, found: Findings) -> None:
    """Short lines behind the start of the body that say where the full text is."""
    for i, end in signs.leading.items():
        if found.roles[i] is not None or i <= found.body_start or lines.words[i] > 12:
            continue
        if claim := syndication.read_on_at(lines.text[i][end:]):
            found.claims.append(claim)
            found.take(i, "read_on", "says where the full text is")


def _bylines(lines: Lines, found: Findings) -> None:
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
            if i + 1 < total and lines.words[i + 1] <= 4 and not lines.ends[i + 1] and lines.chars[i + 1] < 40:
                found.take(i + 1, "byline", "the writer's office, behind the byline")


def _name_alone(lines: Lines, found: Findings) -> None:
    """Between the headline and the date, a name that no word introduces."""
    for i in range(1, min(found.body_start + 1, len(lines.text) - 1)):
        if found.roles[i - 1] == "headline" and found.roles[i] is None and found.roles[i + 1] == "date":
            if found.byline is None and (name := read_name(lines.text[i])):
                found.byline, found.authors = lines.text[i], (name,)
                found.take(i, "byline", "a name between headline and date")
            return


def _consent(lines: Lines, found: Findings) -> None:
    """What a cookie note says before the headline of an article; where no article follows, the note is a wall."""
    top = found.roles.index("headline") if "headline" in found.roles else 0
    if not (lines.ends[top + 1 :] & (lines.words[top + 1 :] >= 2 * BODY_WORDS)).any():
        return
    for i in range(top):
        if len({word.casefold() for word in CONSENT_WORDS.findall(lines.text[i])}) >= 2:
            found.take(i, "furniture", "speaks of cookies before the headline")


def _furniture(lines: Lines, signs: Signs, found: Findings) -> None:
    """Lines that furniture phrases cover; a comment form behind body ends the article."""
    for i, kind in enumerate(signs.kind):
        if kind is None:
            continue
        role = "read_on" if kind == READ_ON else "furniture"
        found.take(i, role, f"phrases of {KINDS[kind]}")
        if kind == COMMENTS and i > found.body_start and found.end > i:
            found.end = i
