"""Who wrote a text: names as printed, without "By", jobs and repeats.

A page names its author in several places, and the machine-readable ones often name the house instead. So the first
place that names a *person* wins; only where none does, a single word or an organisation may be the author.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from selectolax.lexbor import LexborNode

from worker.stages.normalize.lines import letters
from worker.stages.normalize.metadata.facts import Facts, Marked, Node, is_elsewhere, strings
from worker.stages.normalize.metadata.headline import site_keys
from worker.stages.normalize.metadata.names import ORGANISATION, PERSON, house_name, rank, split_names

MAX_AUTHORS = 12
MAX_META_CHARS = 160
MAX_PLACES = 12  # marked elements that are looked at
MAX_LINES = 8  # of one element
AUTHOR_META = (
    "parsely-author", "byl", "sailthru.author", "article:author_name", "cxenseparse:author", "dc.creator",
    "dcterms.creator", "citation_author", "author", "authors", "article:author", "og:article:author", "creator",
    "twitter:data1",
)  # fmt: skip
WRITTEN = re.compile(  # how site software labels the author in the languages it speaks
    r"written|author|par$|por$|von$|(?:scritto|pubblicato) da|door$|przez$|автор|напис|skr[ie]v|yazan|autor|oleh|"
    r"作者|執筆|撰写|글쓴|كتب|szerző|kirjo",
    re.I,
)
PROFILE = re.compile(r"/(?:authors?|autor(?:es|en|i|e)?|auteurs?|staff)\b", re.I)
AUTHOR_CLASS = re.compile(r"author|byline")
NO_NAME_CLASS = re.compile(r"author[\w-]*(?:description|title|role|job|position|credential)")
ORGANISATION_TYPE = re.compile(r"Organi[sz]ation|Corporation|Website", re.I)

Named = tuple[str, int]  # a name and its rank


def authors(facts: Facts, headline: str | None = None) -> tuple[str, ...]:
    """The authors: by JSON-LD, then meta, then marked elements near the headline."""
    return best_of((_from_json_ld(facts), _from_meta(facts), _from_elements(facts, headline)), facts)


def best_of(places: Iterable[Iterable[Named]], facts: Facts) -> tuple[str, ...]:
    """The names of the first of `places` that names a person; else of the first that names the most."""
    sites = site_keys(facts)
    best: list[Named] = []
    for place in places:
        named = [(name, ORGANISATION if letters(name) in sites and grade != PERSON else grade) for name, grade in place]
        if named and (not best or _top(named) > _top(best)):
            best = named
        if best and _top(best) == PERSON:
            break
    kept: dict[str, str] = {}
    for name, grade in best:
        if grade == _top(best) and letters(name):
            kept.setdefault(letters(name), name)
    return tuple(kept.values())[:MAX_AUTHORS]


def _top(named: list[Named]) -> int:
    return max(grade for _, grade in named)


def _from_json_ld(facts: Facts) -> list[Named]:
    for key in ("author", "creator"):
        if found := list(_told(facts.article.get(key), facts.by_id)):
            return found
    return []


def _told(value: object, by_id: Mapping[str, Node], depth: int = 0) -> Iterator[Named]:
    if depth > 3:
        return
    if isinstance(value, str):
        for name in split_names(value):
            yield name, rank(name)
    elif isinstance(value, list):
        for item in value[:MAX_AUTHORS]:
            yield from _told(item, by_id, depth + 1)
    elif isinstance(value, dict):
        node = by_id.get(str(value.get("@id")), value) if "name" not in value else value
        house = ORGANISATION_TYPE.search(str(node.get("@type"))) is not None
        if house:
            yield from ((name, ORGANISATION) for name in map(house_name, strings(node.get("name"))) if name)
        else:
            yield from _told(node.get("name"), by_id, depth + 1)


def _from_meta(facts: Facts) -> list[Named]:
    best: list[Named] = []
    for key in AUTHOR_META:
        if key == "twitter:data1" and not WRITTEN.search(facts.first("twitter:label1") or ""):
            continue
        values = [value for value in facts.meta.get(key, ()) if len(value) <= MAX_META_CHARS]
        if key.startswith(("citation", "dc")):
            values = [_turned(value) for value in values]
        found = [(name, rank(name)) for value in values for name in split_names(value)]
        if found and (not best or _top(found) > _top(best)):
            best = found
    return best


def _turned(name: str) -> str:
    """ "Ruiz, Ana" as "Ana Ruiz"."""
    family, _, given = name.partition(", ")
    return (
        f"{given} {family}" if given and "," not in given and len(given.split()) <= 2 >= len(family.split()) else name
    )


def _from_elements(facts: Facts, headline: str | None) -> list[Named]:
    """The names in the first marked element after the headline, else before it, and in its siblings."""
    best: list[Named] = []
    looked, family = 0, 0
    for mark in facts.near(headline):
        trust = _trust(mark)
        if trust == 0:
            continue
        if (family and _grandparent(mark.node) != family) or looked > MAX_PLACES:
            break
        looked += 1
        if is_elsewhere(mark.node):
            continue
        found = [(name, grade) for name, grade in _printed(mark.node) if grade == PERSON or trust > 1]
        if family:
            best += found
        elif found and (not best or _top(found) > _top(best)):
            best = found
            family = _grandparent(mark.node) if _top(found) == PERSON else 0
    return best


def _trust(mark: Marked) -> int:
    """2: the element is said to hold the author; 1: it may, and is believed when a person's name is in it; else 0."""
    attributes = mark.attributes
    if mark.says("author", "creator") or "author" in (attributes.get("rel") or "").lower().split():
        return 2
    if NO_NAME_CLASS.search(mark.classes):
        return 0
    profile = mark.tag == "a" and PROFILE.search(attributes.get("href") or "") is not None
    return 1 if profile or AUTHOR_CLASS.search(mark.classes) else 0


def _grandparent(node: LexborNode) -> int:
    above = node.parent.parent if node.parent is not None else None
    return above.mem_id if above is not None else 0


def _printed(node: LexborNode) -> Iterator[Named]:
    """The names in an element: those in its first lines, up to the first line that is none."""
    lines = [line for raw in node.text(separator="\n").split("\n")[:60] if (line := " ".join(raw.split()))]
    lines = lines[:MAX_LINES]
    if all(len(line.split()) == 1 for line in lines):  # "By", "Ana", "Ruiz", each in its own element
        lines = [" ".join(lines)]
    begun = False
    for line in lines:
        found = list(split_names(line, printed=True)) if len(line) <= MAX_META_CHARS else []
        named = [(name, rank(name)) for name in found]
        if named and (not begun or _top(named) == PERSON):
            begun = begun or _top(named) == PERSON
            yield from named
        elif begun and len(line.split()) > 1:
            return
