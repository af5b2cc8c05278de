"""What the attributes of an element say: hidden or not, the words of its class names, its look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from worker.stages.normalize.blocks.outline import Outline
from worker.stages.normalize.blocks.segment import BlockTags, Floats, Ints

ATTRIBUTE = re.compile(
    r" (class|id|role|itemprop|name|data-testid|data-component|data-type|data-qa|aria-label|hidden|aria-hidden|style)"
    r'="([^"]*)"'
)
WORD = re.compile(r"[A-Z][a-z]+|[a-z]{2,}")
UNSEEN = re.compile(r"display:\s*none|visibility:\s*hidden")
MAX_VALUE = 300  # characters of one attribute that are read


class Mark(NamedTuple):
    hidden: bool
    words: frozenset[str]  # of class, id, role and the like, in lower case
    look: str  # tag and class: elements of one look are siblings of one template


class Marks(NamedTuple):
    """One entry a block tag; zero where it opens nothing."""

    hidden: Floats
    weight: Floats  # summed learned weight of its words: positive speaks for the article
    look: Ints  # number of its look on this page


def read_mark(source: str) -> Mark:
    """What an opening tag says; `source` is what stands between < and >."""
    hidden = ' hidden=""' in source
    words: set[str] = set()
    look = source.partition(" ")[0]
    for name, value in ATTRIBUTE.findall(source):
        if name == "style":
            hidden = hidden or UNSEEN.search(value) is not None
        elif name == "aria-hidden":
            hidden = hidden or value == "true"
        elif name != "hidden":
            if name == "class":
                look += "." + value
            words.update(map(str.lower, WORD.findall(value[:MAX_VALUE])))
    return Mark(hidden, frozenset(words), look)


def read_marks(tags: BlockTags, outline: Outline, class_words: Mapping[str, float]) -> Marks:
    """The marks of all elements. The body's own are ignored: they speak of the whole page."""
    count = len(tags.source)
    hidden, weight, look = np.zeros(count, np.float32), np.zeros(count, np.float32), np.zeros(count, np.int32)
    seen: dict[str, tuple[bool, float, int]] = {}
    looks: dict[str, int] = {}
    rows = []
    for position in outline.opens.tolist():
        source = tags.source[position]
        row = seen.get(source)
        if row is None:
            if " " in source:
                mark = read_mark(source)
                known = sum(sorted(class_words[word] for word in mark.words if word in class_words))
                row = (mark.hidden, known, looks.setdefault(mark.look, len(looks)))
            else:
                row = (False, 0.0, looks.setdefault(source, len(looks)))
            seen[source] = row
        rows.append(row)
    if rows:
        hidden[outline.opens], weight[outline.opens], look[outline.opens] = zip(*rows, strict=True)
        hidden[outline.opens[0]] = weight[outline.opens[0]] = 0
    return Marks(hidden, weight, look)
