"""What the section names around an article say: a hint beside its words, never a topic by itself alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from worker.models import Article

# Log odds for the topic of a section. By judgement: a sports page is some twenty times as likely under "sport" as
# elsewhere (3), but a page can stand under several names and a site can file oddly.
SECTION_ODDS = 1.5
MAX_NAMES = 40  # looked at; a page can list any number of keywords
BREAK = re.compile(r"[\s_+/|>–—-]+|%20")
JOINT = re.compile(r"\s*(?:&amp;|&|,)\s*")


def hinted(article: Article, sections: Mapping[str, str]) -> dict[str, str]:
    """The topic codes that names around the article stand for, with the name as it was found; best source first.

    `sections` has the topic of each name in lower case with spaces.
    """
    found: dict[str, str] = {}
    for name in _names(article):
        plain = name.lower()
        if not plain.isalpha():
            plain = " ".join(BREAK.split(JOINT.sub(" and ", plain))).strip()
        code = sections.get(plain)
        if code is not None:
            found.setdefault(code, name)
    return found


def _names(article: Article) -> Iterator[str]:
    if article.section:
        yield article.section
    yield from article.breadcrumbs[:MAX_NAMES]
    yield from article.keywords[:MAX_NAMES]
    for url in dict.fromkeys((article.canonical_url, article.url)):
        if url:
            try:
                path = urlsplit(url).path
            except ValueError:  # an address that is none: [ in the host
                continue
            folders = path.split("/")[1:-1] if not path.endswith("/") else path.split("/")[1:-2]
            for folder in folders[:MAX_NAMES]:
                yield unquote(folder)
