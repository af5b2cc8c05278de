"""A spool in this process: for `try` and tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from worker.errors import BadCapture
from worker.models import BodyRef
from worker.state.spool import one, ref_to, verified


class MemorySpool:
    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._bodies: dict[str, tuple[float, bytes]] = {}

    def put(self, data: bytes) -> BodyRef:
        ref = ref_to(data)
        self._bodies[ref.digest] = (self._clock(), data)
        return ref

    def put_many(self, bodies: Sequence[bytes]) -> list[BodyRef]:
        return [self.put(data) for data in bodies]

    def get(self, ref: BodyRef) -> bytes:
        return one(self.get_many([ref])[0])

    def get_many(self, refs: Sequence[BodyRef]) -> list[bytes | BadCapture]:
        return [verified(ref, self._bodies.get(ref.digest, (0.0, None))[1]) for ref in refs]

    def remove(self, refs: Sequence[BodyRef]) -> int:
        return sum(self._bodies.pop(ref.digest, None) is not None for ref in refs)

    def expire(self, older_than_s: float) -> int:
        oldest = self._clock() - older_than_s
        gone = [digest for digest, (put_at, _) in self._bodies.items() if put_at < oldest]
        for digest in gone:
            del self._bodies[digest]
        return len(gone)

    def free_bytes(self) -> int | None:
        return None

    def close(self) -> None:
        pass
