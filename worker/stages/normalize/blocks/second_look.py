"""What a first judge thought of each block, its neighbours, its surroundings and its likes.

The *mass* of a block is its words times the probability that it is body: where the mass lies, the article is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.blocks.features import Layout, Matrix
from worker.stages.normalize.blocks.segment import Floats, Ints

NEAR = 3  # blocks before and behind that are looked at one by one
OUTSIDE = -7.0  # log odds of a block that is not there
WINDOWS = (3, 8, 20, 50)  # blocks
SURE, SURE_WORDS = 0.8, 8  # from which a block marks the article's extent
FAR = 100  # blocks


def second_look(layout: Layout, first: Floats) -> Matrix:
    """One row of features a block; `first` holds the probabilities of a first judge."""
    blocks, count = layout.blocks, len(first)
    words = blocks.words.astype(np.float64)
    likely = np.minimum(np.maximum(first.astype(np.float64), 1e-3), 1 - 1e-3)
    mass = words * likely
    at = np.arange(count)
    sums = np.zeros((2, count + 1))
    np.cumsum([mass, words], axis=1, out=sums[:, 1:])
    all_mass, all_words = sums[:, -1] + 1e-6

    odds = np.full(count + 2 * NEAR, OUTSIDE)
    odds[NEAR:-NEAR] = np.log(likely / (1 - likely))
    rows = [odds[NEAR:-NEAR]]
    rows += [odds[NEAR + step : NEAR + step + count] for step in (*range(-NEAR, 0), *range(1, NEAR + 1))]
    for reach in WINDOWS:
        before, behind = np.maximum(at - reach, 0), np.minimum(at + 1 + reach, count)
        for held, of in (sums[:, at] - sums[:, before], sums[:, behind] - sums[:, at + 1]):
            rows += [held / (of + 1), np.log1p(held)]
    for element in layout.enclosing[:4]:
        start = blocks.gap.searchsorted(element, "right")
        end = blocks.gap.searchsorted(layout.outline.match[element], "right")
        inside = sums[:, end] - sums[:, start]
        held, of = np.maximum(inside[0] - mass, 0), np.maximum(inside[1] - words, 0)
        rows += [held / (of + 1), np.log1p(held), held / all_mass]
    for likes in _likes(layout):
        held, of = np.bincount(likes, mass)[likes] - mass, np.bincount(likes, words)[likes] - words
        rows += [held / (of + 3), np.log1p(np.maximum(of, 0))]
    sure = np.flatnonzero((likely > SURE) & (words > SURE_WORDS))
    opens, closes = (int(sure[0]), int(sure[-1])) if len(sure) else (count + FAR, -FAR)
    rows += [np.clip(at - opens, -FAR, FAR), np.clip(at - closes, -FAR, FAR), sums[0, :-1] / all_mass]
    rows += [np.full(count, np.log1p(all_mass)), np.full(count, all_mass / all_words)]
    return np.array(rows, np.float32).T


def _likes(layout: Layout) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Ints]:
    """The group of each block: by the looks of its nearest two elements, of its nearest four, by its parent."""
    looks = layout.marks.look.astype(np.int64)
    many = int(looks.max()) + 1
    one, two, three, four = (looks[element] for element in layout.enclosing[:4])
    near = one * many + two
    far = (near * many + three) * many + four
    return np.unique(near, return_inverse=True)[1], np.unique(far, return_inverse=True)[1], layout.enclosing[1]
