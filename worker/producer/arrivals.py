"""Files that arrive in folders: which of them have come to rest and may be read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from worker.intake import expand

UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp", "~")  # names of drafts


class _Shape(NamedTuple):
    """What changes when a file is written, or another is moved to its name."""

    inode: int
    size: int
    mtime_ns: int


class Arrivals:
    """Looks at folders again and again. A file is at rest when it has not changed for `settle_s` seconds.

    Hidden files and those named like drafts (`UNFINISHED`) are never given: who writes under such a name and
    renames the file when it is whole is never read too early, however slowly the writing goes.
    """

    def __init__(
        self, folders: Sequence[str], *, settle_s: float = 2.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folders = folders
        self._settle_s = settle_s
        self._clock = clock
        self._seen: dict[str, tuple[_Shape, float]] = {}  # and since when it is so
        self._taken: dict[str, _Shape] = {}

    def look(self) -> list[str]:
        """The files at rest that were not taken as they are now, in a stable order."""
        now, before = self._clock(), self._seen
        self._seen = {}
        for path in expand(self._folders):
            if not path.lower().endswith(UNFINISHED) and (shape := _shape(path)):
                known = before.get(path)
                self._seen[path] = known if known and known[0] == shape else (shape, now)
        self._taken = {path: shape for path, shape in self._taken.items() if path in self._seen}
        return [
            path
            for path, (shape, since) in self._seen.items()
            if now - since >= self._settle_s and self._taken.get(path) != shape
        ]

    def took(self, paths: Iterable[str]) -> None:
        """Do not give these files again, unless they change."""
        for path in paths:
            self._taken[path] = self._seen[path][0]


def _shape(path: str) -> _Shape | None:
    try:
        seen = os.stat(path)
    except OSError:
        return None  # gone since the folder was listed
    return _Shape(seen.st_ino, seen.st_size, seen.st_mtime_ns)
