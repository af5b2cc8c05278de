"""What all workers counted and timed, summed in one hash of the broker's Redis: one round trip a batch.

For metrics only. It starts at nothing when that Redis does, as counters of Prometheus may; where captures stand is
the ledger's to tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, cast

import redis

from worker.errors import TransientError
from worker.state.redis_server import connect

SEPARATOR = "|"  # between the parts of a field: the name of a tally, then its labels
TOTAL = "sum"  # the bucket in which the seconds of a histogram are added up
WAIT_BOUNDS_S = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
LAG_BOUNDS_S = (1, 5, 15, 60, 300, 900, 3600, 21600, 86400, 604800)


class Observed(NamedTuple):
    """A histogram: how many were at most each bound and above the one before, how many above all, and their sum."""

    buckets: tuple[int, ...]  # one more than there are bounds
    seconds: float


class Tally:
    """What one process counted since it last told the others."""

    def __init__(self) -> None:
        self.fields: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()

    def count(self, name: str, *labels: str, by: int = 1) -> None:
        self.fields[SEPARATOR.join((name, *labels))] += by

    def spend(self, name: str, *labels: str, seconds: float) -> None:
        self.seconds[SEPARATOR.join((name, *labels))] += max(0.0, seconds)  # type: ignore[assignment]

    def observe(self, name: str, *labels: str, seconds: float, bounds: Sequence[float]) -> None:
        bucket = next((str(bound) for bound in bounds if seconds <= bound), "inf")
        self.count(name, *labels, bucket)
        self.spend(name, *labels, TOTAL, seconds=seconds)


class Tallies:
    """All raise TransientError when Redis is away."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._client = connect(url)
        self._key = f"{prefix}tallies"

    def add(self, tally: Tally) -> None:
        """Add what was counted, in one round trip."""
        pipe = self._client.pipeline(transaction=False)
        for field, number in tally.fields.items():
            pipe.hincrby(self._key, field, number)
        for field, seconds in tally.seconds.items():
            pipe.hincrbyfloat(self._key, field, seconds)
        try:
            pipe.execute()
        except redis.RedisError as exc:
            raise TransientError(f"the tallies cannot be kept: {exc}") from exc

    def read(self) -> dict[tuple[str, ...], float]:
        """Every tally by its name and labels."""
        try:
            held = cast(dict[bytes, bytes], self._client.hgetall(self._key))
        except redis.RedisError as exc:
            raise TransientError(f"Redis does not answer: {exc}") from exc
        return {tuple(field.decode().split(SEPARATOR)): float(value) for field, value in held.items()}

    def close(self) -> None:
        self._client.close()


def histograms(
    held: dict[tuple[str, ...], float], name: str, bounds: Sequence[float]
) -> dict[tuple[str, ...], Observed]:
    """The histograms of one name, by their labels."""
    labels = sorted({parts[1:-1] for parts in held if parts[0] == name})
    places = [*(str(bound) for bound in bounds), "inf"]
    return {
        which: Observed(
            tuple(int(held.get((name, *which, place), 0)) for place in places), held.get((name, *which, TOTAL), 0.0)
        )
        for which in labels
    }
