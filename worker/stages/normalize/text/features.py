"""What the line model sees: numbers about each line, its neighbours and its place, for a whole capture at once.

Nothing here depends on a language but the furniture phrases. "Mass" is the characters of lines that read like
sentences; where the mass lies is where the article is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from worker.stages.normalize.furniture import COMMENTS, FURNITURE, OPENER, READ_ON, RELATED, Signs
from worker.stages.normalize.lines import DIGIT, LETTER, STOP, UPPER, Floats, Lines

NEAR = 3  # lines before and after that are looked at one by one
WINDOWS = (3, 8, 20, 50)
PREFIX = 32  # characters; lists of teasers repeat how they begin


def features(lines: Lines, signs: Signs) -> Floats:
    """One column a line; the rows are in the order of this function."""
    total = len(lines.text)
    letters, digits, spaces, stops, commas, capitals, wide, quotes = lines.counts
    chars, words = lines.chars, lines.words
    index = np.arange(total, dtype=np.float32)
    per_word = 1 / words
    mass = np.where((stops > 0) & (words > 8), chars, 0).astype(np.float32)
    first, last = lines.first, lines.last
    kind = np.array([-1 if k is None else k for k in signs.kind], np.int8)
    number = np.array(lines.number, np.float32)
    gap = np.zeros(total + 1, np.float32)  # blank lines before each, and none behind the last
    gap[1:-1] = np.minimum(number[1:] - number[:-1] - 1, 4)
    ends_stop = (last & STOP) != 0
    sizes = np.log1p(np.array([chars, words, commas], np.float32))
    own: list[Any] = [
        sizes[0],
        sizes[1],
        letters * per_word,
        digits / chars,
        capitals * per_word,
        stops,
        stops * per_word,
        sizes[2],
        commas * per_word,
        quotes * per_word,
        1 - (letters + spaces) / chars,
        lines.ends,
        ends_stop,
        (first & UPPER) != 0,
        (first & LETTER) == 0,
        (first & DIGIT) != 0,
        _offset(np.array(lines.indent, np.float32), mass),
        wide > 0,
        signs.covered,
        signs.menu,
        kind == FURNITURE,
        kind == OPENER,
        kind == RELATED,
        kind == READ_ON,
        kind == COMMENTS,
        gap[:-1],
        gap[1:],
    ]
    own += _copies(lines)
    cumulated = np.zeros((2, total + 1), np.float32)
    np.cumsum(mass, out=cumulated[0, 1:])
    np.cumsum(chars, out=cumulated[1, 1:])
    all_mass, all_chars = cumulated[0, -1] + 1e-6, cumulated[1, -1]
    related, comments = np.cumsum(kind == RELATED), np.cumsum(kind == COMMENTS)
    big = np.flatnonzero(mass > 80)
    kernel = np.convolve(mass, np.ones(17, np.float32))[8 : 8 + total]
    peak = int(kernel.argmax())
    constant = np.ones(total, np.float32)
    place: list[Any] = [
        index / total,
        constant * np.log(total),
        cumulated[0, :-1] / all_mass,
        cumulated[1, :-1] / all_chars,
        constant * np.log1p(all_mass),
        constant * (all_mass / all_chars),
        np.minimum(related, 5),
        np.minimum(comments, 3),
        kernel / (kernel[peak] + 1e-6),
        *_distances(index, (peak, big[0], big[-1]) if len(big) else (peak, 200, -200)),
    ]
    near = np.array([own[0], own[1], ends_stop, own[6], own[4], mass, signs.menu, lines.ends], np.float32)
    return np.concatenate(
        [np.array(own, np.float32), np.array(place, np.float32), neighbours(near, NEAR), windows(cumulated)]
    )


def neighbours(values: Floats, reach: int, fill: float = 0.0) -> Floats:
    """The rows of `values` as the lines 1 to `reach` before and after have them."""
    rows, total = values.shape
    padded = np.full((rows, total + 2 * reach), fill, np.float32)
    padded[:, reach : reach + total] = values
    shifts = [by for by in range(2 * reach + 1) if by != reach]
    return np.concatenate([padded[:, by : by + total] for by in shifts])


def windows(cumulated: Floats) -> Floats:
    """For each of WINDOWS: how much of a mass stands in the lines before and after, and its share of all there.

    `cumulated` holds the running sums of the mass and of all, with a leading zero.
    """
    total = cumulated.shape[1] - 1
    reach = WINDOWS[-1]
    padded = np.empty((2, total + 1 + 2 * reach), np.float32)
    padded[:, :reach] = 0
    padded[:, reach : reach + total + 1] = cumulated
    padded[:, reach + total + 1 :] = cumulated[:, -1:]
    spans = np.empty((2, 2, len(WINDOWS), total), np.float32)
    here, behind = cumulated[:, :-1], cumulated[:, 1:]
    for k, radius in enumerate(WINDOWS):
        np.subtract(here, padded[:, reach - radius : reach - radius + total], out=spans[:, 0, k])
        np.subtract(padded[:, reach + radius + 1 : reach + radius + 1 + total], behind, out=spans[:, 1, k])
    mass, everything = spans.reshape(2, 2 * len(WINDOWS), total)
    return np.concatenate([np.log1p(mass), mass / (everything + 1)])


def _copies(lines: Lines) -> list[Floats]:
    """How often each line occurs, whether it occurred before, and how many long lines begin as it does."""
    counts: dict[str, int] = {}
    heads: dict[str, int] = {}
    before = []
    for text in lines.text:
        seen = counts.get(text, 0)
        before.append(seen)
        counts[text] = seen + 1
        head = text[:PREFIX]
        heads[head] = heads.get(head, 0) + 1
    return [
        np.minimum(np.array([counts[text] for text in lines.text], np.float32), 10),
        np.minimum(np.array(before, np.float32), 5),
        np.minimum(np.array([heads[text[:PREFIX]] if len(text) > 40 else 0 for text in lines.text], np.float32), 10),
    ]


def _distances(index: Floats, places: tuple[int, ...]) -> Floats:
    """How many lines each line stands behind each place, 200 at most."""
    away: Floats = index - np.array(places, np.float32)[:, None]
    return np.minimum(np.maximum(away, -200, out=away), 200, out=away)


def _offset(indent: Floats, mass: Floats) -> Floats:
    """How much further in a line begins than most of the mass does, in blanks."""
    levels = np.bincount(indent.astype(np.int64), mass)
    further: Floats = indent - np.float32(levels.argmax())
    return np.minimum(np.maximum(further, -12, out=further), 12, out=further)
