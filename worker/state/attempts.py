"""How often a message was begun: counted before the work, because a worker that dies counts nothing after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import redis

from worker.errors import TransientError
from worker.models import Stage
from worker.state.redis_server import connect

PREFIX = "copydesk:attempt:"
PARDON = (
    "if tonumber(redis.call('GET', KEYS[1]) or 0) > 0 then return redis.call('DECR', KEYS[1]) end"  # keeps the expiry
)


class Attempts(Protocol):
    """Counters that forget themselves some time after the last attempt."""

    def begin(self, stage: Stage, message_id: str) -> int:
        """Which attempt this is: 1 for the first. One round trip."""
        ...

    def done(self, stage: Stage, message_id: str) -> None:
        """Forget the message: it will not come again."""
        ...

    def pardon(self, stage: Stage, message_id: str) -> None:
        """Take the last attempt back: it was ended from outside, not by the message. Never below none."""
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...


def open_attempts(url: str, *, ttl_s: float = 3600.0) -> Attempts:
    """The counters at a Redis URL, or memory://. `ttl_s` must outlast two visibility timeouts."""
    if url.startswith("memory:"):
        return MemoryAttempts(ttl_s=ttl_s)
    return RedisAttempts(url, ttl_s=ttl_s)


class RedisAttempts:
    def __init__(self, url: str, *, ttl_s: float) -> None:
        self._redis = connect(url)
        self._ttl_ms = max(1, round(ttl_s * 1000))

    def begin(self, stage: Stage, message_id: str) -> int:
        key = f"{PREFIX}{stage}:{message_id}"
        try:
            pipe = self._redis.pipeline(transaction=True)  # a counter without an expiry would stay for ever
            pipe.incr(key)
            pipe.pexpire(key, self._ttl_ms)
            return int(pipe.execute()[0])
        except redis.RedisError as exc:
            raise TransientError(f"attempts cannot be counted: {exc}") from exc

    def done(self, stage: Stage, message_id: str) -> None:
        try:
            self._redis.delete(f"{PREFIX}{stage}:{message_id}")
        except redis.RedisError as exc:
            raise TransientError(f"attempts cannot be counted: {exc}") from exc

    def pardon(self, stage: Stage, message_id: str) -> None:
        try:
            self._redis.eval(PARDON, 1, f"{PREFIX}{stage}:{message_id}")
        except redis.RedisError as exc:
            raise TransientError(f"attempts cannot be counted: {exc}") from exc

    def close(self) -> None:
        self._redis.close()


class MemoryAttempts:
    def __init__(self, *, ttl_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._clock = clock
        self._counts: dict[tuple[Stage, str], tuple[int, float]] = {}

    def begin(self, stage: Stage, message_id: str) -> int:
        now = self._clock()
        count, expires = self._counts.get((stage, message_id), (0, now))
        count = count + 1 if expires > now else 1
        self._counts[stage, message_id] = (count, now + self._ttl_s)
        return count

    def done(self, stage: Stage, message_id: str) -> None:
        self._counts.pop((stage, message_id), None)

    def pardon(self, stage: Stage, message_id: str) -> None:
        count, expires = self._counts.get((stage, message_id), (0, 0.0))
        if count > 0:
            self._counts[stage, message_id] = (count - 1, expires)

    def close(self) -> None:
        pass
