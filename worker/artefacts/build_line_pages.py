"""Training captures for the line model: pages flattened in several styles, cropped, and each line labelled.

Offline only. The styles are those captures come in: one block a line with indented lists, bullets and nested
indents as text browsers print them, blank lines between all blocks as copied pages have, and none at all.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from worker.stages.normalize.lines import Lines, letters, read_lines

STRIPPED = [
    "script",
    "style",
    "svg",
    "template",
    "noscript",
    "head",
    "iframe",
    "select",
    "option",
    "object",
    "canvas",
    "audio",
    "video",
    "textarea",
    "input",
    "math",
]
INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "picture",
        "source",
        "button",
        "nobr",
        "ruby",
        "rt",
        "acronym",
    ]
)
INDENTED = frozenset(["ul", "ol", "dl", "blockquote"])
SPACED = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "figure",
        "table",
        "ul",
        "ol",
        "pre",
        "article",
        "section",
        "form",
        "hr",
    ]
)
WORD = re.compile(r"\w+")
GRAM = 4


class Style(NamedTuple):
    """How a page is flattened."""

    indent: int  # blanks a list level
    nested: int  # blanks a division inside another
    bullet: str  # before list items
    blanks: str  # "paragraphs": around SPACED elements; "all": around every block; "none"
    cells: str  # between table cells; a line feed puts each on its own line


STYLES = (
    Style(2, 0, "", "paragraphs", "\t"),
    Style(4, 2, "* ", "paragraphs", "  "),
    Style(0, 0, "", "all", "\n"),
    Style(0, 0, "", "none", " "),
)


class Page(NamedTuple):
    """A labelled capture."""

    group: str  # the page's domain: never on both sides of a split
    lines: Lines
    label: list[float]  # share of each line's tokens that stand in the gold body
    tokens: list[int]
    body: str  # the gold
    whole: bool  # not cropped
    headline: list[bool]  # lines that are the page's title


def flatten(html: str, style: Style) -> str:
    """The page as plain text."""
    tree = LexborHTMLParser(html)
    tree.strip_tags(STRIPPED)
    if tree.body is None:
        return ""
    out: list[str] = []
    _walk(tree.body, style, 0, out)
    return re.sub(r"\n{4,}", "\n\n\n", "".join(out))


def _walk(node: LexborNode, style: Style, depth: int, out: list[str]) -> None:
    child = node.child
    while child is not None:
        tag = child.tag or ""
        if tag == "-text":
            text = " ".join((child.text_content or "").split())
            raw = child.text_content or ""
            if text:
                out.append((" " if raw[:1].isspace() else "") + text + (" " if raw[-1:].isspace() else ""))
            elif raw and out and not out[-1].endswith(("\n", " ")):
                out.append(" ")
        elif tag in INLINE:
            _walk(child, style, depth, out)
        elif tag == "br":
            out.append("\n")
        elif tag in ("td", "th"):
            _walk(child, style, depth, out)
            out.append(style.cells)
        elif not tag.startswith(("-", "_", "!")):
            edge = "\n\n" if style.blanks == "all" or (style.blanks == "paragraphs" and tag in SPACED) else "\n"
            _break(out, edge)
            level = depth + (style.nested if tag == "div" else style.indent if tag in INDENTED else 0)
            if level:
                out.append(" " * level)
            if tag == "li":
                out.append(style.bullet)
            _walk(child, style, level, out)
            _break(out, edge)
        child = child.next


def _break(out: list[str], edge: str) -> None:
    while out and out[-1].strip(" ") == "":  # an indent that nothing followed
        out.pop()
    tail = "".join(out[-3:]).rstrip(" ")
    missing = len(edge) - (len(tail) - len(tail.rstrip("\n")))
    if tail and missing > 0:
        out.append("\n" * missing)


def label_lines(lines: Lines, body: str) -> tuple[list[float], list[int]]:
    """For each line the share of its tokens that 4-grams of the gold body cover, and its number of tokens."""
    gold = WORD.findall(body)
    grams = {tuple(gold[i : i + GRAM]) for i in range(max(1, len(gold) - GRAM + 1))}
    tokens = [WORD.findall(text) for text in lines.text]
    flat = [(token, i) for i, line in enumerate(tokens) for token in line]
    covered = bytearray(len(flat))
    for i in range(len(flat) - GRAM + 1):
        if tuple(token for token, _ in flat[i : i + GRAM]) in grams:
            covered[i : i + GRAM] = b"\1" * GRAM
    sums = [0] * len(tokens)
    for hit, (_, line) in zip(covered, flat, strict=True):
        sums[line] += hit
    label = [done / len(line) if line else 0.0 for done, line in zip(sums, tokens, strict=True)]
    _keep_best_copies(lines.text, label, body)
    return label, [len(line) for line in tokens]


def _keep_best_copies(texts: list[str], label: list[float], body: str) -> None:
    """Of lines that occur more often than in the gold, only those in the best neighbourhood stay labelled."""
    folded = " ".join(body.split())
    places: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        if label[i] > 0.5:
            places.setdefault(text, []).append(i)
    for text, where in places.items():
        if len(where) > 1:
            around = {i: sum(label[max(0, i - 5) : i + 6]) for i in where}
            allowed = max(1, folded.count(text))
            for i in sorted(where, key=lambda i: -around[i])[allowed:]:
                label[i] = 0.0


def crop(text: str, body: str, rng: random.Random) -> str:
    """The capture as someone copied it: the body's lines with a little of what stands around them."""
    raw = text.split("\n")
    probe = read_lines(text)
    if probe is None:
        return text
    label, tokens = label_lines(probe, body)
    inside = [probe.number[i] - 1 for i in range(len(label)) if label[i] > 0.5 and tokens[i] >= 8]
    if not inside:
        return text
    start = max(0, inside[0] - rng.choice((0, 2, 4, 8, 14, 25)))
    stop = min(len(raw), inside[-1] + 1 + rng.choice((0, 2, 4, 8, 14, 25)))
    if rng.random() < 0.35:  # a teaser: the first paragraphs only, then what stood behind the article
        cut = inside[min(len(inside) - 1, rng.randint(2, 6))] + 1
        return "\n".join(raw[start:cut] + raw[inside[-1] + 1 : stop])
    return "\n".join(raw[start:stop])


def captures(rows: list[dict[str, Any]], seed: int = 0) -> list[Page]:
    """Each page in two styles as a whole and once cropped."""
    rng = random.Random(seed)
    pages: list[Page] = []
    for row in rows:
        styles = rng.sample(STYLES, 3)
        texts = [flatten(row["html"], styles[0]), flatten(row["html"], styles[1])]
        texts.append(crop(flatten(row["html"], styles[2]), row["body"], rng))
        for number, text in enumerate(texts):
            if lines := read_lines(text):
                labels = label_lines(lines, row["body"])
                title = letters(row.get("title") or "")
                headline = [bool(title) and letters(line) == title for line in lines.text]
                pages.append(Page(row["domain"], lines, *labels, row["body"], number < 2, headline))
    return pages


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The 4-grams of a text, as the extraction benchmarks count them."""
    tokens = WORD.findall(text)
    if len(tokens) < GRAM:
        return Counter([tuple(tokens)] if tokens else [])
    return Counter(tuple(tokens[i : i + GRAM]) for i in range(len(tokens) - GRAM + 1))
