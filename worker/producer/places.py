"""How far a producer read each location."""

from __future__ import annotations

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

    def begin(self, key: str) -> tuple[int, int] | None:
        mark = Mark() if self._afresh else self._readings.mark(key)
        self._tally.resumed += mark != Mark()
        self._last = mark
        return None if mark.done else (mark.offset, mark.taken)

    def took(self, key: str, offset: int, taken: int) -> None:
        self._moved[key] = self._last = Mark(offset, taken)

    def finished(self, key: str) -> None:
        self._moved[key] = self._last._replace(done=True)

    def keep(self) -> None:
        self._readings.put(self._moved)
        self._moved = {}
