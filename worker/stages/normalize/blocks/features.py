"""The features of each block: what it is, where it stands, what stands around it.

Masses are bytes of UTF-8. The *prose* of a block is its unlinked mass if it has a sentence mark and more than eight
words, else 0: prose is what an article is made of. Logarithms are log(1 + x) throughout.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.blocks.marks import ClassWords, Marks, read_marks
from worker.stages.normalize.blocks.outline import Outline, outline
from worker.stages.normalize.blocks.segment import (
    BYTE_CLASS,
    CLOSING,
    ID,
    LETTER,
    NAMES,
    OPEN,
    STOP,
    UPPER,
    Blocks,
    BlockTags,
    Floats,
    Ints,
)

Matrix = npt.NDArray[np.float32]

EDITION = 2  # of the features; a model made with another is refused
BIG = 80  # bytes of prose that mark a paragraph
REPEATED_START = 32  # characters by which a teaser and its paragraph are known to be one

# Elements whose number among the ancestors tells something; several names make one column.
ANCESTORS = (
    "article", "main", "section", "aside", "nav", "footer", "header", "ul ol", "li", "table", "form", "figure",
    "figcaption", "blockquote", "div", "dl dt dd", "button",
)  # fmt: skip
ANCESTOR_OF = np.array([[name in names.split() for name in NAMES] for names in ANCESTORS], np.float32)
IS_PARAGRAPH = np.array([name in ("p", "blockquote") for name in NAMES], np.float32)
IS_HEADING = np.array([name in ("h1", "h2", "h3", "h4", "h5", "h6") for name in NAMES])

_log = np.log1p


class Layout(NamedTuple):
    """A page ready to be judged: each array has one entry a block."""

    blocks: Blocks
    enclosing: list[Ints]  # element, its parent, … five levels
    names: Ints  # of the enclosing element, number in NAMES
    tags: BlockTags
    outline: Outline
    marks: Marks


def lay_out(blocks: Blocks, tags: BlockTags, class_words: ClassWords) -> Layout:
    tree = outline(tags)
    enclosing = tree.ancestors(blocks.gap, 5)
    return Layout(blocks, enclosing, tags.name[enclosing[0]], tags, tree, read_marks(tags, tree, class_words))


def features(layout: Layout) -> Matrix:
    """One row of features a block."""
    blocks, elements = layout.blocks, layout.enclosing
    count = len(blocks.texts)
    index = np.arange(count, dtype=np.float32)
    unlinked = blocks.length * (1 - blocks.link_share)
    in_paragraph = IS_PARAGRAPH[layout.names]
    prose = unlinked * ((blocks.stops > 0) & (blocks.words > 8))
    sums = _sums(blocks.length, unlinked, prose, in_paragraph * unlinked, np.ones(count))
    total = sums[:, -1] + 1e-6

    text = _text(blocks, unlinked, in_paragraph)
    place = _place(layout, sums, total, index)
    subtree = _subtree(layout, sums, total)
    container = _container(elements[1], unlinked, prose, in_paragraph, len(layout.tags.source))
    anchors = _anchors(layout, sums[2], prose, index)
    looks = _looks(layout, unlinked, prose, total[2], index)
    rows = [*text, *place, *subtree, *container, *anchors, *looks, *_repeats(blocks), *_ancestry(layout)]
    near = np.array(
        [text[0], text[3], text[6], text[14], in_paragraph, place[4], layout.names, looks[8], container[1], text[4]],
        np.float32,
    )
    around = np.full((4, len(near), count), -1, np.float32)
    for slot, shift in enumerate((1, -1, 2, -2)):
        if shift > 0:
            around[slot, :, shift:] = near[:, :-shift]
        else:
            around[slot, :, :shift] = near[:, -shift:]
    return np.concatenate([np.array(rows, np.float32), around.reshape(-1, count), _windows(sums[2], count)]).T


def _sums(*masses: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Running sums, a row a mass: the mass of blocks a … b is `sums[:, b] - sums[:, a]`."""
    sums = np.zeros((len(masses), len(masses[0]) + 1))
    np.cumsum(np.array(masses), axis=1, out=sums[:, 1:])
    return sums


def _text(blocks: Blocks, unlinked: Floats, in_paragraph: Floats) -> list[npt.NDArray[Any]]:
    length, words = blocks.length + 1, blocks.words + 1
    return [
        _log(blocks.length), _log(blocks.words), blocks.letters / words, blocks.link_share, blocks.bold_share,
        _log(blocks.link_pieces), _log(unlinked), blocks.digits / length, blocks.uppers / words, blocks.stops,
        blocks.stops / words, _log(blocks.commas), blocks.short_words / words, CLOSING[blocks.last],
        BYTE_CLASS[STOP][blocks.last], BYTE_CLASS[UPPER][blocks.first], 1 - blocks.letters / length, in_paragraph,
        BYTE_CLASS[LETTER][blocks.first] == 0, _log(blocks.pieces),
    ]  # fmt: skip


def _place(
    layout: Layout, sums: npt.NDArray[np.float64], total: npt.NDArray[np.float64], index: Floats
) -> list[npt.NDArray[Any]]:
    gap, count = layout.blocks.gap, len(index)
    return [
        index / count, np.full(count, _log(count)), sums[0, :-1] / total[0], sums[2, :-1] / total[2],
        layout.outline.depth[np.maximum(gap - 1, 0)], _log(np.diff(gap, prepend=0)),
        _log(np.diff(gap, append=len(layout.tags.source))), *(layout.tags.name[e] for e in layout.enclosing[:3]),
    ]  # fmt: skip


def _subtree(layout: Layout, sums: npt.NDArray[np.float64], total: npt.NDArray[np.float64]) -> list[npt.NDArray[Any]]:
    """Masses inside the parent of the enclosing element, and inside its three ancestors."""
    rows: list[npt.NDArray[Any]] = []
    gap = layout.blocks.gap
    for element in layout.enclosing[1:]:
        start = np.searchsorted(gap, element, side="right")
        end = np.searchsorted(gap, layout.outline.match[element], side="right")
        length, unlinked, prose, paragraph, number = np.maximum(sums[:, end] - sums[:, start], 0)
        rows += [
            _log(prose), prose / total[2], 1 - unlinked / (length + 1), _log(number),
            _log(unlinked / (number + 1e-6)), paragraph / (unlinked + 1),
        ]  # fmt: skip
    return rows


def _container(
    parent: Ints, unlinked: Floats, prose: Floats, in_paragraph: Floats, tags: int
) -> list[npt.NDArray[Any]]:
    """Masses of the blocks that share the parent, its children's children left out."""
    held = np.bincount(parent, prose, tags)
    number = np.bincount(parent, minlength=tags)[parent]
    return [
        _log(held[parent]), held[parent] / (held.max() + 1e-6),
        _log(np.bincount(parent, prose * in_paragraph, tags)[parent]), _log(number),
        _log(np.bincount(parent, unlinked, tags)[parent] / number),
    ]  # fmt: skip


def _anchors(
    layout: Layout, prose_before: npt.NDArray[np.float64], prose: Floats, index: Floats
) -> list[npt.NDArray[Any]]:
    """Distances to the headline, to the first and last paragraph, and to the last heading."""
    before = prose_before[:-1]
    headlines = np.flatnonzero(layout.names == ID["h1"])
    if len(headlines):
        headline = headlines[np.argmax(layout.blocks.length[headlines])]
        side = np.sign(index - headline)
        to_headline = [side * _log(abs(index - headline)), side * _log(abs(before - before[headline]))]
    else:
        to_headline = [np.full(len(index), -9.0), np.full(len(index), -20.0)]
    big = np.flatnonzero(prose > BIG)
    to_big = [index - big[0], index - big[-1]] if len(big) else [index * 0 - 99, index * 0 + 99]
    heading = np.maximum.accumulate(np.where(IS_HEADING[layout.names], index, -1))
    since = before - before[np.maximum(heading, 0).astype(np.intp)]
    return [*to_headline, *to_big, _log(index - heading), _log(np.maximum(since, 0))]


def _looks(layout: Layout, unlinked: Floats, prose: Floats, all_prose: float, index: Floats) -> list[npt.NDArray[Any]]:
    """Masses of all blocks that look alike: same tags and classes of the nearest two elements, and of four."""
    look = layout.marks.look.astype(np.int64)
    many = int(look.max()) + 1
    one, two, three, four = (look[element] for element in layout.enclosing[:4])
    rows: list[npt.NDArray[Any]] = []
    for narrow, key in ((False, one * many + two), (True, ((one * many + two) * many + three) * many + four)):
        group = np.unique(key, return_inverse=True)[1]
        number = np.bincount(group)[group]
        held = np.bincount(group, prose)[group]
        open_mass = np.bincount(group, unlinked)[group]
        length = np.bincount(group, layout.blocks.length)[group]
        rows += [_log(number), _log(held), held / all_prose, _log(open_mass / number), 1 - open_mass / (length + 1)]
        if not narrow:
            rows.append((np.bincount(group, index)[group] / number - index) / len(index))
    return rows


def _repeats(blocks: Blocks) -> list[npt.NDArray[Any]]:
    """How often the text stands on the page, how often its beginning, and how much longer the longest such is."""
    times: dict[str, int] = {}
    for text in blocks.texts:
        times[text] = times.get(text, 0) + 1
    begun: dict[str, tuple[int, float]] = {}
    long = np.flatnonzero(blocks.length > 40).tolist()
    starts = [blocks.texts[at][:REPEATED_START].lower() for at in long]
    for at, start in zip(long, starts, strict=True):
        number, longest = begun.get(start, (0, 0.0))
        begun[start] = (number + 1, max(longest, float(blocks.length[at])))
    same_start = np.ones(len(blocks.texts), np.float32)
    longer = np.zeros(len(blocks.texts), np.float32)
    if len(begun) < len(long):
        for at, start in zip(long, starts, strict=True):
            if begun[start][0] > 1:
                same_start[at] = begun[start][0]
                longer[at] = np.log1p(begun[start][1]) - np.log1p(blocks.length[at])
    return [np.array([times[text] for text in blocks.texts], np.float32), same_start, longer]


def _ancestry(layout: Layout) -> list[npt.NDArray[Any]]:
    """How many ancestors of each kind, hidden ones, the learned weight of their class words, and of the nearest."""
    tags, tree, marks = layout.tags, layout.outline, layout.marks
    steps = np.empty((len(ANCESTORS) + 3, len(tags.source)), np.float32)
    np.multiply(ANCESTOR_OF[:, tags.name], tags.kind == OPEN, out=steps[:-3])
    steps[-3] = marks.hidden
    np.maximum(marks.weight, 0, out=steps[-2])
    np.minimum(marks.weight, 0, out=steps[-1])
    steps[:, tree.match[tree.opens]] -= steps[:, tree.opens]
    inside = np.cumsum(steps, axis=1)[:, np.maximum(layout.blocks.gap - 1, 0)]
    return [*inside, *(marks.weight[element] for element in layout.enclosing[:3])]


def _windows(prose_before: npt.NDArray[np.float64], count: int) -> Matrix:
    """The prose in the three and eight blocks before and after."""
    at = np.arange(count)
    rows = []
    for reach in (3, 8):
        rows.append(_log(prose_before[at] - prose_before[np.maximum(at - reach, 0)]))
        rows.append(_log(prose_before[np.minimum(at + 1 + reach, count)] - prose_before[at + 1]))
    return np.array(rows, np.float32)
