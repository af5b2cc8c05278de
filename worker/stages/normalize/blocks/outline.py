"""The element tree of a page as arrays: who encloses whom, without walking."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.blocks.segment import CLOSE, OPEN, BlockTags, Ints


class Outline(NamedTuple):
    """Indices are positions in BlockTags. An element is named by its opening tag."""

    opens: Ints  # positions of opening tags
    depth: Ints  # after each tag
    level: Ints  # of the element an opening or closing tag belongs to
    match: Ints  # for an opening tag, its closing tag
    by_level: Ints  # opening tags, sorted by level and position
    keys: npt.NDArray[np.int64]  # level * (tags + 1) + position of `by_level`: for searching

    def enclosing(self, level: Ints, position: Ints) -> Ints:
        """The element at `level` that was last opened at or before `position`."""
        wanted = level.astype(np.int64) * (len(self.depth) + 1) + position
        return self.by_level[np.maximum(np.searchsorted(self.keys, wanted, side="right") - 1, 0)]

    def ancestors(self, gap: Ints, count: int) -> list[Ints]:
        """For blocks with `gap` tags before them: the enclosing element, its parent, and so on, `count` of them."""
        position = np.maximum(gap - 1, 0)
        depth = self.depth[position]
        return [self.enclosing(np.maximum(depth - up, 1), position) for up in range(count)]


def outline(tags: BlockTags) -> Outline:
    """The outline of well-nested tags, as a parser writes them out."""
    opening, closing = tags.kind == OPEN, tags.kind == CLOSE
    depth = np.cumsum(opening * 1 - closing, dtype=np.int32)
    level = np.where(opening, depth, np.where(closing, depth + 1, 0)).astype(np.int32)
    opens, closes = np.flatnonzero(opening).astype(np.int32), np.flatnonzero(closing).astype(np.int32)
    opens_by_level = opens[np.argsort(level[opens], kind="stable")]
    closes_by_level = closes[np.argsort(level[closes], kind="stable")]
    pairs = min(len(opens), len(closes))
    match = np.full(len(depth), len(depth) - 1, np.int32)
    match[opens_by_level[:pairs]] = closes_by_level[:pairs]  # the n-th closing of a level closes its n-th opening
    keys = level[opens_by_level].astype(np.int64) * (len(depth) + 1) + opens_by_level
    return Outline(opens, depth, level, match, opens_by_level, keys)
