"""The headline, without the site's name, and the other forms of it that the page holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.stages.normalize.lines import letters
from worker.stages.normalize.metadata.facts import Facts, strings

SEPARATOR = re.compile(r"(\s+[|–—·•»«:-]+\s+|\s*[|»«]\s*|\s::\s)")
MIN_LONE_HEADING = 15  # characters; a shorter lone h1 is the name of a site or a section
MIN_PART = 8  # letters; a shorter part of a title is no headline
MUCH = 20  # letters
CUT = 100  # characters
MAX_SITE_WORDS = 6
MAX_CHARS = 300
SHARED_WORDS = 0.4  # of the shorter one's; a heading that shares fewer with the title heads something else
WORD = re.compile(r"\w+")


def headline(facts: Facts) -> tuple[str | None, bool]:
    """The headline, and whether it had to be taken from the `<title>` tag."""
    told = list(_told(facts))
    sites = site_keys(facts) | _mastheads(facts, told)
    best = max(_agreeing(facts, sites, [*told, facts.title or ""]), default=None)
    if best is not None:
        heading = facts.headings[-best[-1]]
        if len(heading) >= MAX_CHARS:
            return (told[0] if told else heading[:MAX_CHARS]), False
        return without_site(heading, facts), False
    for value in told:
        if letters(value) not in sites:
            return without_site(value, facts), False
    if len(facts.headings) == 1 and len(facts.headings[0]) > MIN_LONE_HEADING:
        return facts.headings[0], False
    if facts.title:
        return without_site(facts.title, facts), True
    return next(iter(facts.headings), None), False


def _agreeing(facts: Facts, sites: set[str], told: list[str]) -> Iterator[tuple[int, float, int, int]]:
    """How well each heading agrees with what the page tells elsewhere: whole, in part, or in most of its words."""
    keys = [letters(value) for value in told]
    words = [_words(value) for value in told]
    for at, heading in enumerate(facts.headings):
        if (key := letters(heading)) in sites or len(key) <= 3:
            continue
        own = {word for word in _words(heading) if word not in sites}
        shared = max(
            (len(own & other) / min(len(own), len(other)) for other in words if len(own & other) > 1), default=0.0
        )
        if key in keys:
            yield 3, 0.0, 0, -at
        elif any(_is_much_of(key, other) or (len(other) > MIN_PART and other in key) for other in keys):
            yield 2, 0.0, min(len(heading), 120), -at
        elif shared >= SHARED_WORDS:
            yield 1, shared, 0, -at


def _is_much_of(key: str, other: str) -> bool:
    """Whether `other` holds `key` as more than one word among many."""
    return key in other and (len(key) >= MUCH or len(key) * 3 >= len(other))


def _mastheads(facts: Facts, told: list[str]) -> set[str]:
    """Headings that are all the `<title>` has beside what the page tells as its headline: the site's name."""
    title = letters(facts.title or "")
    keys = [letters(value) for value in told]
    return {
        key
        for heading in facts.headings
        if (key := letters(heading)) and any(len(key) < len(other) and key + other == title for other in keys)
    }


def _words(text: str) -> set[str]:
    return {word for word in WORD.findall(text.casefold()) if len(word) > 3 or word.isdigit()}


def alternatives(facts: Facts, chosen: str | None) -> tuple[str, ...]:
    """Every other form of the headline that the page holds, each once."""
    known = {letters(chosen or "")} | site_keys(facts)
    found: dict[str, str] = {}
    for value in (*_told(facts), *strings(facts.article.get("alternativeHeadline"))):
        bare = without_site(value, facts)
        if letters(bare) not in known:
            found.setdefault(letters(bare), bare)
    return tuple(found.values())


def without_site(title: str, facts: Facts) -> str:
    """`title` less the site's name at either end, known from the page itself or its host.

    A heading that is one part of the title decides alone.
    """
    parts = SEPARATOR.split(title)
    if len(parts) < 3:
        return title
    sites = site_keys(facts)
    headings = {key: heading for heading in facts.headings if (key := letters(heading)) not in sites}
    for part in parts[::2]:
        if len(key := letters(part)) > MIN_PART and key in headings:
            return headings[key]
    start, end = 0, len(parts)
    while end - start > 1 and _is_site(parts[end - 1], sites):
        end -= 2
    while end - start > 1 and _is_site(parts[start], sites):
        start += 2
    return "".join(parts[start:end]).strip()


def site_name(facts: Facts) -> str | None:
    """The site's name, as it gives it itself."""
    if name := facts.first("og:site_name"):
        return name
    name = facts.first("application-name", "apple-mobile-web-app-title")
    if name and letters(name) not in map(letters, facts.headings):  # some write each page's headline there
        return name
    if name := next(strings(facts.article.get("publisher")), None):
        return name
    for node in facts.nodes:
        if node.get("@type") in ("WebSite", "NewsMediaOrganization") and (
            name := next(strings(node.get("name")), None)
        ):
            return name
    return None


def _told(facts: Facts) -> Iterator[str]:
    told = [next(strings(facts.article.get("headline")), None), facts.first("og:title"), facts.first("twitter:title")]
    if (first := told[0]) and (first.endswith(("…", "...")) or len(first) >= CUT):  # some cut it, most at 110
        start = first.rstrip(" .…")
        told[0] = next(
            (value for value in told[1:] if value and len(value) > len(start) and value.startswith(start)), first
        )
    yield from (value[:MAX_CHARS] for value in told if value)


def site_keys(facts: Facts) -> set[str]:
    host = (facts.url or "").partition("//")[2].split("/")[0].removeprefix("www.")
    names = [site_name(facts), host, host.split(".")[0], *host.split(".")[-2:-1]]
    return {key for name in names if name and len(key := letters(name)) > 2}


def _is_site(part: str, sites: set[str]) -> bool:
    key = letters(part)
    if len(part.split()) > MAX_SITE_WORDS:
        return False
    return any(key == site or (len(key) > 3 and key in site) or (len(site) > 3 and site in key) for site in sites)
