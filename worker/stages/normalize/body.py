"""The body of a page: which of its blocks are the article, and what the others are.

The learned judge decides; rules take out what it cannot know (the headline said again, captions, the standfirst,
promotion between paragraphs). A page it is unsure of goes to trafilatura, where that is cheap enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from worker.stages.normalize.blocks import BodyModel, Layout, features, lay_out, segment
from worker.stages.normalize.blocks.marks import read_mark
from worker.stages.normalize.blocks.segment import ID, OPEN, Floats, Ints
from worker.stages.normalize.explain import BlockVerdict
from worker.stages.normalize.furniture import scan
from worker.stages.normalize.lines import read_lines
from worker.stages.normalize.metadata.facts import letters
from worker.stages.normalize.syndication import Credit, split_credit
from worker.stages.normalize.text.byline import read_byline

MAX_LIBRARY_TAGS = 10_000  # block tags; trafilatura takes seconds for more
FEW_WORDS = 60  # a shorter body is worth a second opinion
SHORT = 20  # words; longer blocks are never furniture by their words
CELL = 3  # words; shorter ones in tables and lists are names: half of those taken out stood in bodies
CAPTION = 40  # words of a line with a credit
ISLAND_SCORE = 0.75  # with ISLAND_WORDS: F1 .9466 → .9478 on 300 pages not trained on
ISLAND_WORDS = 60
LONG = 100  # words of a block that may be a whole text said again
HEAD_BEFORE, HEAD_AFTER = 5, 20  # blocks
CAPTION_WORDS = frozenset({"caption", "credit", "credits", "figcaption", "copyright"})
PROMO_WORDS = frozenset({"promo", "newsletter", "advert", "advertisement", "paywall"})
STANDFIRST_WORDS = frozenset(
    {"standfirst", "dek", "deck", "subtitle", "subheadline", "subhead", "chapo", "bajada", "strapline", "summary"}
)
HEADINGS = frozenset(ID[name] for name in ("h1", "h2", "h3", "h4", "h5", "h6"))
CELLS = frozenset(ID[name] for name in ("td", "th", "li", "dt", "dd"))


class Known(NamedTuple):
    """What the metadata say that may stand in the page again."""

    headlines: tuple[str, ...] = ()
    description: str | None = None
    article_body: str | None = None  # of JSON-LD


class Body(NamedTuple):
    paragraphs: tuple[str, ...]
    path: str  # html.blocks, html.trafilatura, html.json_ld
    confidence: float
    version: str
    blocks: tuple[BlockVerdict, ...] = ()
    whole: tuple[str, ...] = ()  # every visible block of the page
    link_share: float = 0.0  # of the page's characters
    standfirst: str | None = None
    byline: str | None = None
    caption: Credit | None = None  # of the first picture in the article
    head: tuple[str, ...] = ()  # what is printed between headline and text, then what stands before the headline


def read_body(tree: LexborHTMLParser, source: str, known: Known, model: BodyModel) -> Body:
    """The article's paragraphs, and a verdict for each block. Takes what is invisible out of `tree`."""
    found = segment(tree)
    if found is None:
        return Body((), "html.blocks", 0.0, model.version)
    layout = lay_out(*found, model.class_words)
    blocks = layout.blocks
    scores = model.score(features(layout))
    kept = [int(at) for at in np.flatnonzero(scores > model.keep)]
    roles = _roles(layout, kept, known)
    for at in _said_again(blocks.texts, [at for at in kept if at not in roles]):
        roles[at] = "repeat"
    body = [at for at in kept if at not in roles]
    islands = _islands(layout, scores, body)
    roles |= dict.fromkeys(islands, "island")
    body = [at for at in body if at not in islands]
    doubts = model.doubts(blocks.words, scores)
    paragraphs, path, version = tuple(blocks.texts[at] for at in body), "html.blocks", model.version
    chosen = set(body)
    few = sum(len(text.split()) for text in paragraphs) < FEW_WORDS
    if (doubts > model.doubt or few) and len(layout.tags.source) <= MAX_LIBRARY_TAGS:
        other, other_version = _by_library(source)
        taken = {letters(blocks.texts[at]): role for at, role in roles.items()}
        other = tuple(text for text in other if letters(text) not in taken)
        if sum(len(text.split()) for text in other) >= (1 if few and not paragraphs else FEW_WORDS):
            paragraphs, path, version = other, "html.trafilatura", other_version
            said = {letters(text) for text in other}
            chosen = {at for at, text in enumerate(blocks.texts) if at not in roles and letters(text) in said}
    if few and (told := _told(known.article_body)) and len(" ".join(told)) > 2 * len(" ".join(paragraphs)):
        paragraphs, path = told, "html.json_ld"
    return Body(
        paragraphs,
        path,
        max(1 - 2 * doubts, 0.0) if paragraphs else 0.0,
        version,
        tuple(_verdicts(layout, scores.tolist(), roles, chosen, path)),
        tuple(blocks.texts),
        float((blocks.length * blocks.link_share).sum() / max(blocks.length.sum(), 1)),
        standfirst=next((blocks.texts[at] for at, role in sorted(roles.items()) if role == "standfirst"), None),
        byline=next((blocks.texts[at] for at, role in sorted(roles.items()) if role == "byline"), None),
        caption=_caption(blocks.texts, roles),
        head=_head(layout, roles, body),
    )


def _head(layout: Layout, roles: Mapping[int, str], body: Sequence[int]) -> tuple[str, ...]:
    """The blocks in which a page says who wrote it and when: the nearest to the headline first."""
    texts, words = layout.blocks.texts, layout.blocks.words
    start = next((at for at in body if words[at] >= SHORT), len(texts))
    headline = next((at for at, role in sorted(roles.items()) if role == "headline"), None)
    if headline is None:
        headline = next((int(at) for at in np.flatnonzero(layout.names == ID["h1"])), max(start - HEAD_BEFORE, 0))
    after = texts[headline + 1 : min(max(start, headline + 2), headline + HEAD_AFTER)]
    return (*after, *reversed(texts[max(headline - HEAD_BEFORE, 0) : headline]))


def _islands(layout: Layout, scores: Floats, body: Sequence[int]) -> frozenset[int]:
    """Short, half-believed blocks with no block of the body beside them: teasers, boxes, lines of comment forms."""
    words, members = layout.blocks.words, set(body)
    found = frozenset(
        at
        for at in body
        if scores[at] < ISLAND_SCORE and words[at] < ISLAND_WORDS and at - 1 not in members and at + 1 not in members
    )
    left = sum(float(words[at]) for at in body if at not in found)
    return found if left >= FEW_WORDS else frozenset()


def _roles(layout: Layout, kept: Sequence[int], known: Known) -> dict[int, str]:
    """What the rules say of blocks. Captions are found everywhere, the rest among the `kept`."""
    texts, words = layout.blocks.texts, layout.blocks.words
    roles = dict.fromkeys(np.flatnonzero(_inside(layout, ID["figcaption"])).tolist(), "caption")
    headlines = {letters(headline) for headline in known.headlines}
    description = letters(known.description or "")
    first = next((at for at in kept if words[at] >= SHORT and letters(texts[at]) != description), len(texts))
    for at in kept:
        if at in roles:
            continue
        own = _class_words(layout, at, 0)
        key = letters(texts[at]) if words[at] < LONG else ""
        if at <= first and (key in headlines or layout.names[at] == ID["h1"]):
            roles[at] = "headline"
        elif (own & CAPTION_WORDS and words[at] < LONG) or (words[at] < CAPTION and _is_credited(texts[at])):
            roles[at] = "caption"
        elif at <= first and _is_standfirst(layout, at, first, own, is_told=bool(key) and key == description):
            roles[at] = "standfirst"
        elif words[at] < SHORT and (own | _class_words(layout, at, 1)) & PROMO_WORDS:
            roles[at] = "promo"
        elif words[at] < SHORT and at <= first and read_byline(texts[at]):
            roles[at] = "byline"
    short = [at for at in kept if at not in roles and words[at] < SHORT and layout.names[at] not in HEADINGS]
    short = [at for at in short if words[at] >= CELL or layout.names[at] not in CELLS]
    roles |= dict.fromkeys(_furniture([texts[at] for at in short], short), "furniture")
    return roles


def _inside(layout: Layout, name: int) -> Ints:
    """For each block, how many elements of this name enclose it."""
    tree, tags = layout.outline, layout.tags
    steps = np.zeros(len(tags.source), np.int32)
    opens = tree.opens[tags.name[tree.opens] == name]
    steps[opens] += 1
    steps[tree.match[opens]] -= 1
    inside: Ints = np.cumsum(steps, dtype=np.int32)[np.maximum(layout.blocks.gap - 1, 0)]
    return inside


def _class_words(layout: Layout, at: int, level: int) -> frozenset[str]:
    """The class words of the element that encloses a block (level 0), or of one further out."""
    position = int(layout.enclosing[level][at])
    source = layout.tags.source[position]
    return read_mark(source).words if layout.tags.kind[position] == OPEN and " " in source else frozenset()


def _is_standfirst(layout: Layout, at: int, first: int, own: frozenset[str], *, is_told: bool) -> bool:
    """Whether a block before the first paragraph is the standfirst: marked so, or the description, boxed."""
    if own & STANDFIRST_WORDS and layout.blocks.words[at] < LONG:
        return at < first
    return is_told and at < first < len(layout.blocks.texts) and layout.enclosing[1][at] != layout.enclosing[1][first]


def _is_credited(text: str) -> bool:
    found = split_credit(text)
    return found is not None and found.credit is not None


def _furniture(texts: list[str], places: list[int]) -> Iterator[int]:
    lines = read_lines("\n".join(texts)) if texts else None
    if lines is not None:
        for number, kind in zip(lines.number, scan(lines).kind, strict=True):
            if kind is not None:
                yield places[number - 1]


def _said_again(texts: list[str], kept: list[int]) -> Iterator[int]:
    """Long blocks that hold the others: a text written out once more, without its paragraphs."""
    for at in kept:
        if len(texts[at].split()) > LONG:
            smaller = [texts[other] for other in kept if other != at and len(texts[other]) < len(texts[at])]
            inside = sum(text[:60] in texts[at] for text in smaller)
            if inside >= 3 and inside >= 0.6 * len(smaller):
                yield at


def _caption(texts: list[str], roles: dict[int, str]) -> Credit | None:
    first = next((at for at in sorted(roles) if roles[at] == "caption"), None)
    if first is None:
        return None
    printed = [texts[first]]
    if roles.get(first + 1) == "caption" and split_credit(texts[first]) is None:
        printed.append(texts[first + 1])
    return split_credit(" ".join(printed)) or Credit(texts[first], None)


def _by_library(source: str) -> tuple[tuple[str, ...], str]:
    from trafilatura import __version__, extract

    text = extract(source, include_comments=False) or ""
    return tuple(line for raw in text.split("\n") if (line := raw.strip())), __version__


def _told(article_body: str | None) -> tuple[str, ...]:
    """The paragraphs of an `articleBody` that is worth the name."""
    if not article_body or len(article_body.split()) < FEW_WORDS:
        return ()
    text = re.sub(r"<[^<>]{1,2000}>", "\n", article_body)
    return tuple(folded for line in text.splitlines() if (folded := " ".join(line.split())))


def _verdicts(
    layout: Layout, scores: list[float], roles: dict[int, str], chosen: set[int], path: str
) -> Iterator[BlockVerdict]:
    judge = "score" if path == "html.blocks" else path.partition(".")[2]
    for at, text in enumerate(layout.blocks.texts):
        role = roles.get(at, "")
        if not role and at in chosen:
            role = "heading" if layout.names[at] in HEADINGS else "paragraph"
        yield BlockVerdict(text, at in chosen, "rule" if at in roles else judge, role, round(scores[at], 3))
