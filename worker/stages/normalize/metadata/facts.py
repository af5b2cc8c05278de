"""What a page says about itself, collected once from its tree: meta tags, JSON-LD, headings, links."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

Node = Mapping[str, Any]

MAX_JSON_LD_CHARS = 1024 * 1024
MAX_DEPTH = 8
MAX_ITEMS = 200
ARTICLE_TYPE = re.compile(r"Article|Posting|Report|Liveblog|Review$|Recipe$", re.I)
PAGE_TYPE = re.compile(r"WebPage$|Page$|CreativeWork$|VideoObject$", re.I)
JSON_WRAPPING = re.compile(r"^\s*(?:<!\[CDATA\[|<!--|//\s*<!\[CDATA\[)|(?:\]\]>|-->|//\s*\]\]>|;)\s*$")
LETTERS = re.compile(r"[\W_]+")


class Facts(NamedTuple):
    """Everything is as the page has it, with white space folded; nothing is judged yet."""

    tree: LexborHTMLParser
    url: str | None  # the capture's
    meta: Mapping[str, list[str]]  # by lower-case name, property or itemprop
    article: Node  # the JSON-LD object of the article; empty when there is none
    nodes: tuple[Node, ...]  # all JSON-LD objects, in order
    by_id: Mapping[str, Node]
    title: str | None
    headings: tuple[str, ...]  # h1
    links: Mapping[str, str]  # rel → href, first of each
    language: str | None

    def first(self, *names: str) -> str | None:
        """The first non-empty meta content under any of `names`, in their order."""
        for name in names:
            for content in self.meta.get(name, ()):
                if content:
                    return content
        return None


def collect(tree: LexborHTMLParser, url: str | None) -> Facts:
    """The facts of a page. Reads the tree, changes nothing."""
    meta: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        content = unescaped(attributes.get("content") or "")
        for key in ("property", "name", "itemprop"):
            name = attributes.get(key)
            if name and content:
                meta.setdefault(name.strip().lower(), []).append(content)
    links: dict[str, str] = {}
    for node in tree.css("link[rel][href]"):
        for rel in (node.attributes.get("rel") or "").lower().split():
            links.setdefault(rel, (node.attributes.get("href") or "").strip())
    nodes = tuple(_json_ld(tree))
    root = tree.css_first("html")
    title = tree.css_first("title")
    language = root.attributes.get("lang") or root.attributes.get("xml:lang") if root is not None else None
    facts = Facts(
        tree=tree,
        url=url,
        meta=meta,
        article={},
        nodes=nodes,
        by_id={node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1},
        title=unescaped(title.text()) or None if title is not None else None,
        headings=tuple(text for node in tree.css("h1") if (text := fold(node.text(separator=" ")))),
        links=links,
        language=language or next(iter(meta.get("og:locale") or meta.get("language") or ()), None),
    )
    return facts._replace(article=_article(facts))


def fold(text: str) -> str:
    """`text` with every run of white space (also NBSP and zero-width) as one blank."""
    return " ".join(text.replace("\u200b", "").replace("\ufeff", "").replace("\xad", "").split())


def unescaped(text: str) -> str:
    """`text` folded, and without the entities of those who escape twice."""
    return fold(html.unescape(text) if "&" in text else text)


def letters(text: str) -> str:
    """Only the letters and digits of `text`, in lower case: for comparing, never for showing."""
    return LETTERS.sub("", text).casefold()


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
    return fold(node.text(separator=" "))


def _json_ld(tree: LexborHTMLParser) -> Iterator[Node]:
    budget = MAX_JSON_LD_CHARS
    for script in tree.css('script[type*="ld+json"]'):
        source = script.text() or ""
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
    title = letters(facts.first("og:title") or facts.title or "")
    best: tuple[float, Node] = (0.0, {})
    for node in facts.nodes:
        kind = types_of(node)
        score = 4.0 if ARTICLE_TYPE.search(kind) else 1.0 if PAGE_TYPE.search(kind) else 0.0
        if not score or not ({"headline", "datePublished", "author", "articleBody"} & node.keys()):
            continue
        headline = letters(next(strings(node.get("headline") or node.get("name")), ""))
        if headline and title and (headline in title or title in headline):
            score += 3
        if "datePublished" in node:
            score += 1
        if score > best[0]:
            best = (score, node)
    return best[1]
