"""How far a producer read each location."""

from __future__ import annotations

import os
from typing import BinaryIO

from worker.intake import Places
from worker.producer.tally import Tally
from worker.state.readings import Mark, Readings


class KeptPlaces(Places):
    """Places that are kept in the ledger's database, each only once what was read is published."""

    def __init__(self, readings: Readings, tally: Tally, *, afresh: bool) -> None:
        self._readings = readings
        self._tally = tally
        self._afresh = afresh
        self._last = Mark()  # of the location that is being read
        self._moved: dict[str, Mark] = {}
        self._stream: BinaryIO | None = None
        self._size = 0  # bytes of the location whose turn it is
        self._before = 0  # bytes of those before it

    @property
    def position(self) -> int:
        """Bytes of all locations, as they lie there, that were read or passed over."""
        if self._stream is None or self._stream.closed:
            return self._before + self._size
        try:
            return self._before + min(self._stream.tell(), self._size)
        except OSError:
            return self._before  # a pipe

    def begin(self, key: str) -> tuple[int, int] | None:
        mark = Mark() if self._afresh else self._readings.mark(key)
        self._tally.resumed += mark != Mark()
        self._last = mark
        return None if mark.done else (mark.offset, mark.taken)

    def at(self, location: str, stream: BinaryIO | None) -> None:
        self._before += self._size
        self._size = size_of(location)
        self._stream = stream

    def took(self, key: str, offset: int, taken: int) -> None:
        self._moved[key] = self._last = Mark(offset, taken)

    def finished(self, key: str) -> None:
        self._moved[key] = self._last._replace(done=True)

    def keep(self) -> None:
        self._readings.put(self._moved)
        self._moved = {}


def size_of(location: str) -> int:
    """The bytes of a file; 0 for what has no size."""
    try:
        return os.stat(location).st_size if os.path.isfile(location) else 0
    except (OSError, ValueError):
        return 0
