"""Which line of a capture is its headline, and which its breadcrumb."""

from __future__ import annotations

import re

from worker.stages.normalize import syndication
from worker.stages.normalize.furniture import Signs, words_of
from worker.stages.normalize.lines import Floats, Passage, letters
from worker.stages.normalize.sections import split_sections
from worker.stages.normalize.syndication import Claim
from worker.stages.normalize.text.byline import read_byline
from worker.stages.normalize.text.findings import BODY_WORDS, TOP, Findings

AGAIN = 0.3  # what being said again adds to the probability of a headline; judgement
LEAST = 0.05  # below this there is no headline
MOST_WORDS = 40  # of a headline
BEFORE_BODY = 40  # lines before the body in which a headline is looked for
_SEPARATORS = frozenset("›»>→❯/")
_SEPARATOR = re.compile(r"\s*(?:[›»>→❯]|\s/\s)\s*")


def take_headline(lines: Passage, signs: Signs, likely: Floats, title: str | None, found: Findings) -> None:
    """The line that is the title told with the capture, else the one before the body that most speaks for."""
    reach = max(found.body_start + 1, TOP)
    near = reach if title else max(found.body_start + 1, 5)
    keys = [
        letters(text) if count <= MOST_WORDS else ""
        for text, count in zip(lines.text[:near], lines.words, strict=False)
    ]
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
    full, bare = letters(shown), letters(found.headline)
    longest = 10 + 1.5 * len(shown)  # no sign but letters tells the copies apart, and there are not so many
    for i, text in enumerate(lines.text[:reach]):
        if len(text) <= longest and ((i < near and keys[i]) or letters(text)) in (full, bare):
            found.take(i, "headline", why)


def _told(lines: Passage, keys: list[str], title: str) -> int | None:
    """The first line that is `title`, or that begins it or is begun by it, site name aside."""
    told = letters(title)
    for i, key in enumerate(keys):
        if key and (key == told or (len(key) > 12 and (told.startswith(key) or key.startswith(told)))):
            return i
    return None


def _most_like_headline(
    lines: Passage, signs: Signs, likely: Floats, keys: list[str], body_start: int, free: list[bool]
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


def take_breadcrumb(lines: Passage, found: Findings) -> None:
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
        if _SEPARATORS.isdisjoint(text):
            continue
        parts = [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
        if 2 <= len(parts) <= 8 and parts[0].casefold() in homes:
            if found.headline and letters(parts[-1])[:20] == letters(found.headline)[:20]:
                parts = parts[:-1]
            found.breadcrumbs = tuple(parts)
            found.take(i, "breadcrumb", "parts with separators, from home on")
            return


def _before_headline(text: str, found: Findings) -> str | None:
    for headline in (*found.alt_headlines, found.headline):
        if headline and len(text) > len(headline) and text.endswith(headline):
            return text[: -len(headline)].strip(" ›»>/|→❯")
    return None
