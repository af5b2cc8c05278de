"""What the attributes of an element say: hidden or not, the words of its class names, its look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from worker.stages.normalize.blocks.outline import Outline
from worker.stages.normalize.blocks.segment import BlockTags, Floats, Ints

ATTRIBUTE = re.compile(
    r"\0([^ \0]*)|"  # the next tag begins: its name
    r" (class|id|role|itemprop|name|data-testid|data-component|data-type|data-qa|aria-label|hidden|aria-hidden|style)"
    r'="([^"]*)"'
)
WORD = re.compile(r"[A-Z][a-z]+|[a-z]{2,}")
UNSPOKEN = frozenset({"", "hidden", "aria-hidden", "style"})  # attributes without words
UNSEEN = re.compile(r"display:\s*none|visibility:\s*hidden")
MAX_VALUE = 300  # characters of one attribute that are read
REMEMBERED = 4096  # tags and values, of which the templates of one site have a few hundred


class Marks(NamedTuple):
    """One entry a block tag; zero where it opens nothing."""

    hidden: Floats
    weight: Floats  # summed learned weight of its words: positive speaks for the article
    look: Ints  # number of its look on this page: elements of one look are siblings of one template


class ClassWords:
    """The learned weights of class words, and those of values that were asked for before."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = weights
        self.known = lru_cache(maxsize=REMEMBERED)(self._known)

    def _known(self, value: str) -> Mapping[str, float]:
        """The words of a class, id or role that have a weight, with it."""
        weights = self.weights
        return {word: weights[word] for word in map(str.lower, WORD.findall(value)) if word in weights}


@lru_cache(maxsize=REMEMBERED)
def words_of_tag(source: str) -> frozenset[str]:
    """The words of class, id, role and the like of an opening tag; `source` is what stands between < and >."""
    values = (value for _, attribute, value in ATTRIBUTE.findall(source) if attribute not in UNSPOKEN)
    return frozenset(word.lower() for value in values for word in WORD.findall(value[:MAX_VALUE]))


def read_marks(tags: BlockTags, outline: Outline, class_words: ClassWords) -> Marks:
    """The marks of all elements. The body's own are ignored: they speak of the whole page."""
    count = len(tags.source)
    hidden, weight, look = np.zeros(count, np.float32), np.zeros(count, np.float32), np.zeros(count, np.int32)
    opening = [tags.source[position] for position in outline.opens.tolist()]
    if opening:
        unlike = dict.fromkeys(opening)
        rows = dict(zip(unlike, _marks(unlike, class_words), strict=True))
        hidden[outline.opens], weight[outline.opens], look[outline.opens] = zip(
            *map(rows.__getitem__, opening), strict=True
        )
        hidden[outline.opens[0]] = weight[outline.opens[0]] = 0
    return Marks(hidden, weight, look)


def _marks(sources: Iterable[str], class_words: ClassWords) -> Iterator[tuple[bool, float, int]]:
    """Of each tag: hidden or not, its weight, the number of its look. All are read in one pass."""
    looks: dict[str, int] = {}
    (look, _, _), *found = ATTRIBUTE.findall("\0".join(["", *sources, ""]))
    hidden, known = False, dict[str, float]()
    for name, attribute, value in found:
        if not attribute:
            yield hidden, sum(known.values()), looks.setdefault(look, len(looks))
            hidden, known, look = False, {}, name
        elif attribute == "style":
            hidden = hidden or UNSEEN.search(value) is not None
        elif attribute == "aria-hidden":
            hidden = hidden or value == "true"
        elif attribute == "hidden":
            hidden = hidden or not value
        else:
            if attribute == "class":
                look += "." + value
            known |= class_words.known(value[:MAX_VALUE])
