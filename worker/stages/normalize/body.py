"""The body of a page: which of its blocks are the article, and what the others are.

The learned judge decides; rules take out what it cannot know (the headline said again, captions, the standfirst,
furniture between paragraphs). A page it is unsure of goes to trafilatura, where that is cheap enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from worker.stages.normalize.blocks import BodyModel, Layout, lay_out, segment
from worker.stages.normalize.blocks.segment import ID, Floats
from worker.stages.normalize.explain import Blocks, BlockVerdict, no_blocks
from worker.stages.normalize.lines import letters
from worker.stages.normalize.roles import HEADINGS, LONG, SHORT, Known, first_caption, read_roles
from worker.stages.normalize.syndication import Credit
from worker.stages.normalize.text.byline import read_byline

MAX_LIBRARY_TAGS = 6_000  # tags; larger pages take the library longest, and of 3 none was the better for it
FEW_WORDS = 60  # a shorter body is worth a second opinion
ISLAND_SCORE = 0.75  # with ISLAND_WORDS: F1 .9466 → .9478 on 300 pages not trained on
ISLAND_WORDS = 60
TOLD_APART = 20  # letters
ALIKE = 0.98  # of the letters
HEAD_BEFORE, HEAD_AFTER, TAIL = 5, 20, 6  # blocks


class Body(NamedTuple):
    paragraphs: tuple[str, ...]
    path: str  # html.blocks, html.trafilatura, html.json_ld
    confidence: float
    version: str
    blocks: Blocks = no_blocks
    whole: tuple[str, ...] = ()  # every visible block of the page
    link_share: float = 0.0  # of the page's characters
    standfirst: str | None = None
    byline: str | None = None
    caption: Credit | None = None  # of the first picture in the article
    head: tuple[str, ...] = ()  # what is printed between headline and text, then what stands before the headline
    tail: tuple[str, ...] = ()  # the last block of the text and what is printed right behind it


def read_body(tree: LexborHTMLParser, source: str, known: Known, model: BodyModel) -> Body:
    """The article's paragraphs, and a verdict for each block. Takes what is invisible out of `tree`."""
    found = segment(tree)
    if found is None:
        return Body((), "html.blocks", 0.0, model.version)
    layout = lay_out(*found, model.class_words)
    blocks = layout.blocks
    scores = model.score(layout)
    kept = [int(at) for at in np.flatnonzero(scores > model.keep)]
    roles = read_roles(layout, kept, known)
    for at in _said_again(blocks.texts, blocks.words, [at for at in kept if at not in roles]):
        roles[at] = "repeat"
    body = [at for at in kept if at not in roles]
    islands = _islands(layout, scores, body)
    roles |= dict.fromkeys(islands, "island")
    body = [at for at in body if at not in islands]
    while body and layout.names[body[-1]] in HEADINGS:  # of what follows the article
        roles[body.pop()] = "heading_alone"
    doubts = model.doubts(blocks.words, scores)
    paragraphs, path, version = tuple(blocks.texts[at] for at in body), "html.blocks", model.version
    chosen = set(body)
    few = blocks.words[body].sum() < FEW_WORDS
    if (doubts > model.doubt or few) and source.count("<") <= MAX_LIBRARY_TAGS:
        other, other_version = _by_library(source)
        taken = {letters(blocks.texts[at]) for at in roles} | {letters(headline) for headline in known.headlines}
        other = tuple(text for text in other if letters(text) not in taken)
        if sum(len(text.split()) for text in other) >= (1 if few and not paragraphs else FEW_WORDS):
            path, version = "html.trafilatura", other_version
            said = list(_said(blocks.texts, other))
            chosen = {at for at in said if letters(blocks.texts[at]) not in taken}
            alike = _is_all([blocks.texts[at] for at in said], other)
            paragraphs = tuple(blocks.texts[at] for at in sorted(chosen)) if alike else other
    if few and (told := _told(known.article_body)) and len(" ".join(told)) > 2 * len(" ".join(paragraphs)):
        paragraphs, path = told, "html.json_ld"
    head = _head(layout, roles, body)
    byline = next((blocks.texts[at] for at, role in sorted(roles.items()) if role == "byline"), None)
    return Body(
        paragraphs,
        path,
        max(1 - 2 * doubts, 0.0) if paragraphs else 0.0,
        version,
        lambda: tuple(_verdicts(layout, scores.tolist(), roles, chosen, path)),
        tuple(blocks.texts),
        float((blocks.length * blocks.link_share).sum() / max(blocks.length.sum(), 1)),
        standfirst=next((blocks.texts[at] for at, role in sorted(roles.items()) if role == "standfirst"), None),
        byline=byline or next(filter(read_byline, head), None),
        caption=first_caption(blocks.texts, roles, body),
        head=head,
        tail=tuple(blocks.texts[body[-1] : body[-1] + TAIL]) if body else (),
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


def _said_again(texts: list[str], words: Floats, kept: list[int]) -> Iterator[int]:
    """Long blocks that hold the others: a text written out once more, without its paragraphs."""
    starts = [(texts[at][:60], len(texts[at])) for at in kept]
    for at in kept:
        if words[at] > LONG:
            text = texts[at]
            smaller = [start for start, size in starts if size < len(text)]
            missing = (start for start in smaller if start not in text)
            most = int(0.4 * len(smaller))  # of them; most long blocks hold none, and are left soon
            missed = sum(1 for _ in islice(missing, most + 1))
            if missed <= most and len(smaller) - missed >= 3:
                yield at


def _said(texts: Sequence[str], paragraphs: Sequence[str]) -> Iterator[int]:
    """Which blocks stand in `paragraphs`, alone or, where they say enough to be told apart, within one."""
    keys = list(map(letters, paragraphs))
    alone, together = frozenset(keys), "\n".join(keys)
    for at, text in enumerate(texts):
        key = letters(text)
        if key in alone or (len(key) >= TOLD_APART and key in together):
            yield at


def _is_all(texts: Sequence[str], paragraphs: Sequence[str]) -> bool:
    """Whether `texts` are all that `paragraphs` say: the library may run blocks together, the headline among them."""
    told, key = letters("".join(texts)), letters("".join(paragraphs))
    return ALIKE * len(key) <= len(told) <= len(key)


def _by_library(source: str) -> tuple[tuple[str, ...], str]:
    from trafilatura import __version__, extract

    # `fast` gave F1 .950 instead of .949 on 300 pages not trained on, in two thirds of the time.
    text = extract(source, include_comments=False, fast=True) or ""
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
