"""What the line model sees: numbers about each line, its neighbours and its place, for a whole capture at once.

Nothing here depends on a language but the furniture phrases. "Mass" is the characters of lines that read like
sentences; where the mass lies is where the article is.
"""

from __future__ import annotations

import numpy as np

from worker.stages.normalize.furniture import COMMENTS, FURNITURE, OPENER, READ_ON, RELATED, Signs
from worker.stages.normalize.lines import DIGIT, LETTER, STOP, UPPER, Floats, Lines, shifted

NEIGHBOURS = (1, -1, 2, -2, 3, -3)
WINDOWS = (3, 8, 20, 50)
PREFIX = 32  # characters; lists of teasers repeat how they begin


def features(lines: Lines, signs: Signs) -> Floats:
    """One row a line; the columns are in the order of this function."""
    total = len(lines.text)
    letters, digits, spaces, stops, commas, capitals, wide, quotes = lines.counts
    chars, words = lines.chars, lines.words
    index = np.arange(total, dtype=np.float32)
    per_word = 1 / words
    mass = np.where((stops > 0) & (words > 8), chars, 0).astype(np.float32)
    first, last = lines.first, lines.last
    kind = np.array([-1 if k is None else k for k in signs.kind], np.int8)
    blank = np.array(lines.number, np.float32)
    gap = np.minimum(np.diff(blank, prepend=blank[:1]) - 1, 4)
    ends_stop = (last & STOP) != 0
    own = [
        np.log1p(chars),
        np.log1p(words),
        letters * per_word,
        digits / chars,
        capitals * per_word,
        stops,
        stops * per_word,
        np.log1p(commas),
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
        gap,
        shifted(gap, -1),
    ]
    seen = _copies(lines)
    own += seen
    cumulated = np.zeros((2, total + 1), np.float32)
    np.cumsum(np.stack([mass, chars]), axis=1, out=cumulated[:, 1:])
    all_mass, all_chars = cumulated[0, -1] + 1e-6, cumulated[1, -1]
    related, comments = np.cumsum(kind == RELATED), np.cumsum(kind == COMMENTS)
    big = np.flatnonzero(mass > 80)
    kernel = np.convolve(np.pad(mass, 8), np.ones(17, np.float32), "valid")
    peak = int(kernel.argmax())
    place = [
        index / total,
        np.full(total, np.log(total)),
        cumulated[0, :-1] / all_mass,
        cumulated[1, :-1] / all_chars,
        np.full(total, np.log1p(all_mass)),
        np.full(total, all_mass / all_chars),
        np.minimum(related, 5),
        np.minimum(comments, 3),
        kernel / (kernel[peak] + 1e-6),
        np.clip(index - peak, -200, 200),
        np.clip(index - big[0], -200, 200) if len(big) else np.full(total, -200),
        np.clip(index - big[-1], -200, 200) if len(big) else np.full(total, 200),
    ]
    near = np.stack([own[0], own[1], ends_stop, own[6], own[4], mass, signs.menu, own[11]]).astype(np.float32)
    around = [shifted(near, by) for by in NEIGHBOURS]
    return np.concatenate(
        [np.array(own, np.float32), np.array(place, np.float32), *around, np.array(windows(cumulated, WINDOWS))]
    ).T


def windows(cumulated: Floats, radii: tuple[int, ...]) -> list[Floats]:
    """For each radius: how much of a mass stands in the lines before and after, and its share of what stands there.

    `cumulated` holds the running sums of the mass and of all, with a leading zero.
    """
    total = cumulated.shape[1] - 1
    at = np.arange(total)
    columns = []
    for radius in radii:
        before, after = np.maximum(at - radius, 0), np.minimum(at + radius + 1, total)
        for span in (cumulated[:, :-1] - cumulated[:, before], cumulated[:, after] - cumulated[:, 1:]):
            columns += [np.log1p(span[0]), span[0] / (span[1] + 1)]
    return columns


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


def _offset(indent: Floats, mass: Floats) -> Floats:
    """How much further in a line begins than most of the mass does, in blanks."""
    levels = np.bincount(indent.astype(np.int64), mass)
    return np.clip(indent - float(levels.argmax()), -12, 12)
