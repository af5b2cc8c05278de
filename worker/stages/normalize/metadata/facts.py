"""What a page says about itself, collected once from its tree: meta tags, JSON-LD, headings, links."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from worker.stages.normalize.lines import letters

Node = Mapping[str, Any]

MAX_JSON_LD_CHARS = 1024 * 1024
MAX_DEPTH = 8
MAX_ITEMS = 200
ARTICLE_TYPE = re.compile(r"Article|Posting|Report|Liveblog|Review$|Recipe$", re.I)
PAGE_TYPE = re.compile(r"WebPage$|Page$|CreativeWork$|VideoObject$", re.I)
JSON_WRAPPING = re.compile(r"^\s*(?:<!\[CDATA\[|<!--|//\s*<!\[CDATA\[)|(?:\]\]>|-->|//\s*\]\]>|;)\s*$")
ELSEWHERE = re.compile(
    r"comment|related|recommend|popular|trending|sidebar|most-?read|newsletter|teaser|more-(?:from|stories)|read-?next|"
    r"promo|latest|up-?next|caption|credit"
)
MAX_ANCESTORS = 12
MAX_MARKED = 400  # elements; the rest of a page that has more are not of its article
MAX_HEADING = 500  # characters


# Everything that may speak of the article, found in one pass over the tree: each further pass costs as much again,
# and looking inside an attribute more than that it is there. Words without their first letter: it may be a capital.
FACTS = ", ".join(
    (
        "html", "title", "h1", "time", "abbr[class]", "meta[content]", "link[rel][href]", 'script[type*="ld+json"]',
        "[itemprop]", "[property]", "[rel~='author']", '[class*="uthor"]', '[class*="yline"]', '[class*="readcrumb"]',
        '[aria-label*="readcrumb"]', '[itemtype*="BreadcrumbList"]', 'a[href*="/aut"]', 'a[href*="/staff/"]',
    )
)  # fmt: skip


class Marked(NamedTuple):
    """An element whose name or attributes say that it holds a heading, a date, a name or a place on the site."""

    node: LexborNode
    tag: str
    attributes: Mapping[str, str | None]

    def says(self, *values: str) -> bool:
        """Whether its `itemprop` or `property` is one of `values`."""
        told = f"{self.attributes.get('itemprop') or ''} {self.attributes.get('property') or ''}".split()
        return any(value.removeprefix("schema:") in values for value in told)

    @property
    def classes(self) -> str:
        return (self.attributes.get("class") or "").lower()


class Facts(NamedTuple):
    """Everything is as the page has it, with white space folded; nothing is judged yet."""

    url: str | None  # the capture's
    meta: Mapping[str, list[str]]  # by lower-case name, property or itemprop
    article: Node  # the JSON-LD object of the article; empty when there is none
    nodes: tuple[Node, ...]  # all JSON-LD objects, in order
    by_id: Mapping[str, Node]
    title: str | None
    headings: tuple[str, ...]  # h1
    links: Mapping[str, str]  # rel → href, first of each
    language: str | None
    marked: tuple[Marked, ...]  # in document order

    def first(self, *names: str) -> str | None:
        """The first non-empty meta content under any of `names`, in their order."""
        for name in names:
            for content in self.meta.get(name, ()):
                if content:
                    return content
        return None

    def near(self, headline: str | None) -> Iterator[Marked]:
        """The marked elements: those after the headline in their order, then those before it, the nearest first."""
        key = letters(headline or "")
        at = next((n for n, mark in enumerate(self.marked) if mark.tag == "h1" and key == letters(mark.node.text())), 0)
        yield from self.marked[at:]
        yield from reversed(self.marked[:at])


def collect(tree: LexborHTMLParser, url: str | None) -> Facts:
    """The facts of a page. Reads the tree, changes nothing."""
    meta: dict[str, list[str]] = {}
    links: dict[str, str] = {}
    scripts: list[str] = []
    titles: list[str] = []
    marked: list[Marked] = []
    language: str | None = None
    last = 0
    for node in tree.css(FACTS):
        if node.mem_id == last:  # it answers to two of the selectors
            continue
        last, tag, attributes = node.mem_id, node.tag or "", node.attributes
        if tag == "meta":
            content = unescaped(attributes.get("content") or "")
            for key in ("property", "name", "itemprop"):
                name = attributes.get(key)
                if name and content:
                    meta.setdefault(name.strip().lower(), []).append(content)
        elif tag == "link":
            for rel in (attributes.get("rel") or "").lower().split():
                links.setdefault(rel, (attributes.get("href") or "").strip())
        elif tag == "script":
            scripts.append(node.text() or "")
        elif tag == "title":
            titles.append(node.text())
        elif tag == "html":
            language = attributes.get("lang") or attributes.get("xml:lang")
        elif len(marked) < MAX_MARKED:
            marked.append(Marked(node, tag, attributes))
    nodes = tuple(_json_ld(scripts))
    facts = Facts(
        url=url,
        meta=meta,
        article={},
        nodes=nodes,
        by_id={node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1},
        title=unescaped(titles[0])[:MAX_HEADING] or None if titles else None,
        headings=tuple(text for mark in marked if mark.tag == "h1" and (text := visible_text(mark.node)[:MAX_HEADING])),
        links=links,
        language=language or next(iter(meta.get("og:locale") or meta.get("language") or ()), None),
        marked=tuple(marked),
    )
    return facts._replace(article=_article(facts))


def is_elsewhere(node: LexborNode) -> bool:
    """Whether the element belongs to a list of other articles, to comments or to the page's frame."""
    above: LexborNode | None = node
    for _ in range(MAX_ANCESTORS):
        if above is None or above.tag in ("body", "main", "article"):
            return False
        if above.tag in ("nav", "aside", "figcaption"):
            return True
        if (name := above.attributes.get("class")) and ELSEWHERE.search(name.lower()):
            return True
        above = above.parent
    return False


def fold(text: str) -> str:
    """`text` with every run of white space (also NBSP and zero-width) as one blank."""
    return " ".join(text.replace("\u200b", "").replace("\ufeff", "").replace("\xad", "").split())


def unescaped(text: str) -> str:
    """`text` folded, and without the entities of those who escape twice."""
    return fold(html.unescape(text) if "&" in text else text)


def strings(value: object) -> Iterator[str]:
    """Every string in a JSON-LD value that may be one, a list, or an object with `@value` or `name`."""
    if isinstance(value, str):
        if folded := unescaped(value):
            yield folded
    elif isinstance(value, list):
        for item in value[:MAX_ITEMS]:
            yield from strings(item)
    elif isinstance(value, dict):
        yield from strings(value.get("@value") or value.get("name"))


def types_of(node: Node) -> str:
    return " ".join(strings(node.get("@type")))


def visible_text(node: LexborNode) -> str:
    return unescaped(node.text(separator=" "))


def _json_ld(scripts: Iterable[str]) -> Iterator[Node]:
    budget = MAX_JSON_LD_CHARS
    for source in scripts:
        budget -= len(source)
        if budget < 0:
            return
        yield from _objects(_parse(source), 0)


def _parse(source: str) -> object:
    try:
        return json.loads(source, strict=False)
    except (ValueError, RecursionError):
        pass
    while (bare := JSON_WRAPPING.sub("", source)) != source:
        source = bare
    try:
        return json.loads(source, strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: object, depth: int) -> Iterator[Node]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:MAX_ITEMS]:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key, item in value.items():
            if isinstance(item, (dict, list)) and key not in ("comment", "itemListElement"):
                yield from _objects(item, depth + 1)


def _article(facts: Facts) -> Node:
    """The object that speaks of this page's article: by type, then by agreement with the page's own title."""
    titles = [letters(title) for title in (facts.first("og:title"), facts.title, *facts.headings[:3]) if title]
    best: tuple[float, Node] = (0.0, {})
    for node in facts.nodes:
        kind = types_of(node)
        score = 5.0 if ARTICLE_TYPE.search(kind) else 1.0 if PAGE_TYPE.search(kind) else 0.0
        if not score or not ({"headline", "datePublished", "author", "articleBody"} & node.keys()):
            continue
        headline = letters(next(strings(node.get("headline") or node.get("name")), ""))
        if headline and any(headline in title or title in headline for title in titles):
            score += 3
        if "datePublished" in node:
            score += 1
        if score > best[0]:
            best = (score, node)
    return best[1]
