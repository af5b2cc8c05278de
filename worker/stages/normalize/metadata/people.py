"""Who wrote a text: names as printed, without "By", titles and repeats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from worker.stages.normalize.metadata.facts import Facts, Node, fold, letters

MAX_AUTHORS = 12
MAX_NAME_CHARS = 60
MAX_META_CHARS = 160
AUTHOR_META = (
    "parsely-author", "byl", "sailthru.author", "article:author_name", "cxenseparse:author", "dc.creator",
    "dcterms.creator", "citation_author", "author", "authors", "article:author", "og:article:author", "creator",
    "twitter:data1",
)  # fmt: skip
AUTHOR_NODES = (
    '[itemprop~="author"] [itemprop~="name"]',
    '[itemprop~="author"]',
    'a[rel~="author"]',
    '[class~="author-name"], [class~="byline-name"], [class~="byline__name"]',
    '[class~="byline"] a',
    '[class~="author"] a',
    '[class~="byline"]',
    '[class~="author"], [class~="authors"], [class~="post-author"], [class~="entry-author"], [class~="article-author"]',
)
BY = re.compile(
    r"^\W*(?:(?:written|posted|published|reviewed|reported|words|text|story|article)\s+by|"
    r"by|von|por|par|di|da|door|av|af|przez|от|"
    r"(?:author|autora?|auteur|autore|автор|текст|作者|文|記者|记者)(?=\s*[:：]))\s*[:：]?\s+",
    re.I,
)
JOINED = re.compile(r"\s*(?:,|;|\||/|•|·|&|\b(?:and|und|et|y|e|i|и|en|och|og)\b)\s*", re.I)
TAIL = re.compile(r"\s*(?:[–—]|\bon\b|\bupdated?\b|\bpublished\b|\bposted\b|\d).*$|\s*\(.*$", re.I)
TITLE = re.compile(
    r"(?:(?:senior|staff|chief|guest|contributing|associate|managing|executive|deputy|political|science|tech|business|"
    r"health|news|sports?)\s+)*"
    r"(?:editor|writer|reporter|correspondent|contributor|columnist|redakteur(?:in)?|journalist(?:e|in)?|redacci[oó]n|"
    r"author|producer|md|phd|ph\.d|m\.d|rn|rd|mba|cfa|cpa|jr|sr|esq|ceo|cto|founder|co-founder)\b",
    re.I,
)
NOT_A_NAME = re.compile(
    r"https?:|www\.|[@<>{}\[\]=#]|"
    r"\b(?:admin|administrator|unknown|anonymous|click here|read more|(?:view|see) all|about the author|share|follow|"
    r"subscribe|comments?|min(?:ute)?s? read|posts?|profile|website|email|twitter|facebook|linkedin|updated|ago|"
    r"more from)\b|"
    r"^(?:by|authors?|written|the|null|none|n/?a|undefined|guest|user|login|home)$",
    re.I,
)


def authors(facts: Facts) -> tuple[str, ...]:
    """The authors: JSON-LD, then meta, then marked elements. An organisation may be one."""
    for candidates in (_from_json_ld(facts), _from_meta(facts), _from_elements(facts)):
        if found := _tidy(candidates, facts):
            return found
    return ()


def split_names(text: str) -> Iterator[str]:
    """The single names in a printed line such as "By A. Brown and C. Diaz".

    >>> list(split_names("By A. Brown and C. Diaz"))
    ['A. Brown', 'C. Diaz']
    """
    text = BY.sub("", fold(text))
    for part in JOINED.split(text):
        name = TAIL.sub("", BY.sub("", part)).strip(" .,:;-–—'\"")
        if name and not TITLE.match(name):
            yield name


def _from_json_ld(facts: Facts) -> Iterator[str]:
    for key in ("author", "creator"):
        found = list(_names(facts.article.get(key), facts.by_id))
        if found:
            for name in found:
                yield from split_names(name)
            return


def _names(value: object, by_id: dict[str, Node] | object, depth: int = 0) -> Iterator[str]:
    if depth > 3:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value[:MAX_AUTHORS]:
            yield from _names(item, by_id, depth + 1)
    elif isinstance(value, dict):
        if "name" in value:
            yield from _names(value["name"], by_id, depth + 1)
        elif isinstance(by_id, dict) and value.get("@id") in by_id:
            yield from _names(by_id[value["@id"]].get("name"), by_id, depth + 1)


def _from_meta(facts: Facts) -> Iterator[str]:
    for name in AUTHOR_META:
        if name == "twitter:data1" and "written" not in (facts.first("twitter:label1") or "").lower():
            continue
        values = [value for value in facts.meta.get(name, ()) if len(value) <= MAX_META_CHARS]
        found = [part for value in values for part in split_names(value) if not NOT_A_NAME.search(part)]
        if found:
            yield from found
            return


def _from_elements(facts: Facts) -> Iterator[str]:
    for selector in AUTHOR_NODES:
        texts = [fold(node.text(separator=" ")) for node in facts.tree.css(selector)[:MAX_AUTHORS]]
        found = [name for text in texts if 0 < len(text) <= MAX_META_CHARS for name in split_names(text)]
        if found := [name for name in found if not NOT_A_NAME.search(name)]:
            yield from found
            return


def _tidy(names: Iterable[str], facts: Facts) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in names:
        if 2 < len(name) <= MAX_NAME_CHARS and len(name.split()) <= 7 and not NOT_A_NAME.search(name):
            kept.setdefault(letters(name), name)
    kept.pop("", None)
    return tuple(kept.values())[:MAX_AUTHORS]
