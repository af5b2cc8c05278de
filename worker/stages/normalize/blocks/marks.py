"""What the attributes of an element say: hidden or not, the words of its class names, its look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
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
REMEMBERED = 4096  # values and tags, of which the templates of one site have a few hundred


class Marks(NamedTuple):
    """One entry a block tag; zero where it opens nothing."""

    hidden: Floats
    weight: Floats  # summed learned weight of its words: positive speaks for the article
    look: Ints  # number of its look on this page: elements of one look are siblings of one template


@lru_cache(maxsize=REMEMBERED)
def words_of_value(value: str) -> tuple[str, ...]:
    """The words of a class, id or role, in lower case."""
    return tuple(map(str.lower, WORD.findall(value)))


@lru_cache(maxsize=REMEMBERED)
def words_of_tag(source: str) -> frozenset[str]:
    """The words of class, id, role and the like of an opening tag; `source` is what stands between < and >."""
    return frozenset(word for value in _read(source)[1] for word in words_of_value(value))


def _read(source: str) -> tuple[bool, list[str], str]:
    """Whether an opening tag hides what is in it, the values that tell what it is, and its look: name and class."""
    hidden = ' hidden=""' in source
    values = []
    look = source.partition(" ")[0]
    for name, value in ATTRIBUTE.findall(source):
        if name == "class":
            look += "." + value
            values.append(value[:MAX_VALUE])
        elif name == "style":
            hidden = hidden or UNSEEN.search(value) is not None
        elif name == "aria-hidden":
            hidden = hidden or value == "true"
        elif name != "hidden":
            values.append(value[:MAX_VALUE])
    return hidden, values, look


def read_marks(tags: BlockTags, outline: Outline, class_words: Mapping[str, float]) -> Marks:
    """The marks of all elements. The body's own are ignored: they speak of the whole page."""
    count = len(tags.source)
    hidden, weight, look = np.zeros(count, np.float32), np.zeros(count, np.float32), np.zeros(count, np.int32)
    opening = [tags.source[position] for position in outline.opens.tolist()]
    looks: dict[str, int] = {}
    seen = {source: _mark(source, looks, class_words) for source in dict.fromkeys(opening)}
    if opening:
        hidden[outline.opens], weight[outline.opens], look[outline.opens] = zip(
            *map(seen.__getitem__, opening), strict=True
        )
        hidden[outline.opens[0]] = weight[outline.opens[0]] = 0
    return Marks(hidden, weight, look)


def _mark(source: str, looks: dict[str, int], class_words: Mapping[str, float]) -> tuple[bool, float, int]:
    """Hidden or not, weight, and number in `looks`, which grows."""
    if " " not in source:
        return False, 0.0, looks.setdefault(source, len(looks))
    hidden, values, name = _read(source)
    known = {word: class_words[word] for value in values for word in words_of_value(value) if word in class_words}
    return hidden, sum(known.values()), looks.setdefault(name, len(looks))
