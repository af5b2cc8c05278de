"""What waits in the broker: every priority of every queue, and what is handed out but not acknowledged.

LLEN of a queue alone sees one priority of four and nothing that runs; a producer that trusted it would never stop.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import redis

from worker.errors import TransientError
from worker.state.redis_server import connect

SEPARATOR = "\x06\x16"  # kombu's own, between a queue's name and a priority above 0
LEAST_VERSION = (6, 2)
SAMPLE = 200  # unacknowledged messages looked at for the oldest publish time


@dataclass(frozen=True)
class BacklogSize:
    """Messages by queue, unacknowledged messages, and when the oldest that is on its way was sent (unix seconds)."""

    queues: dict[str, int]
    unacked: int
    oldest_sent_at: float | None = None
    memory_share: float | None = None  # used_memory / maxmemory, None where there is no limit

    @property
    def messages(self) -> int:
        return sum(self.queues.values()) + self.unacked


class Backlog:
    """Looks at the broker's keys; never changes them."""

    def __init__(self, url: str, queues: Sequence[str], *, prefix: str, steps: Sequence[int]) -> None:
        self._client = connect(url)
        self._queues = list(queues)
        self._prefix = prefix
        self._steps = list(steps)

    def size(self, *, oldest: bool = False, handed_out_since: float = 0.0) -> BacklogSize:
        """The backlog now, in one round trip (three with `oldest`). Raises TransientError when Redis is away.

        The oldest is sought among the messages that wait and those handed out since `handed_out_since` (unix seconds):
        whoever took one earlier no longer works on it.
        """
        keys = [(queue, self._key(queue, step)) for queue in self._queues for step in self._steps]
        try:
            pipe = self._client.pipeline(transaction=False)
            for _, key in keys:
                pipe.llen(key)
            pipe.hlen(f"{self._prefix}unacked")
            pipe.info("memory")
            *lengths, unacked, memory = pipe.execute()
            filled = [key for (_, key), n in zip(keys, lengths, strict=True) if n]
            sent_at = self._oldest(filled, handed_out_since) if oldest else None
        except redis.RedisError as exc:
            raise TransientError(f"Redis does not answer: {exc}") from exc
        queues: dict[str, int] = dict.fromkeys(self._queues, 0)
        for (queue, _), n in zip(keys, lengths, strict=True):
            queues[queue] += int(n)
        limit = int(memory.get("maxmemory", 0))
        share = int(memory["used_memory"]) / limit if limit else None
        return BacklogSize(queues, int(unacked), sent_at, share)

    def close(self) -> None:
        self._client.close()

    def _key(self, queue: str, step: int) -> str:
        return f"{self._prefix}{queue}{SEPARATOR}{step}" if step else f"{self._prefix}{queue}"

    def _oldest(self, keys: Sequence[str], since: float) -> float | None:
        pipe = self._client.pipeline(transaction=False)
        for key in keys:
            # A list is filled on the left and emptied on the right, but what is given back returns on the right.
            pipe.lrange(key, -1, -1)
            pipe.lrange(key, 0, 0)
        pipe.zrangebyscore(f"{self._prefix}unacked_index", since, "+inf", start=0, num=SAMPLE)
        *ends, tags = pipe.execute()
        messages = [message for found in ends for message in found]
        if tags:
            held = cast(list[bytes | None], self._client.hmget(f"{self._prefix}unacked", tags))
            messages += [message for message in held if message is not None]
        known = [at for at in map(_sent_at, messages) if at is not None]
        return min(known) if known else None


def broker_problems(url: str) -> list[str]:
    """What makes the server at `url` unfit as a broker, a sentence each: it would lose messages, or is too old.

    Raises TransientError when it is away.
    """
    client = connect(url)
    try:
        facts: dict[str, Any] = {}
        for section in ("server", "replication", "memory", "persistence"):
            facts |= client.info(section)
    except redis.RedisError as exc:
        raise TransientError(f"Redis does not answer: {exc}") from exc
    finally:
        client.close()
    version = str(facts.get("redis_version", "0"))
    found = []
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < LEAST_VERSION:
        found.append(f"Redis {version} is too old; 6.2 or later is needed")
    if facts.get("role") != "master":
        found.append("the server is a replica; it takes no writes")
    if facts.get("maxmemory_policy", "noeviction") != "noeviction":
        found.append(f"maxmemory-policy is {facts['maxmemory_policy']}: it forgets messages; set noeviction")
    if not facts.get("aof_enabled"):
        found.append("no append-only file: a restart forgets what waits; set appendonly yes")
    return found


def _sent_at(message: bytes) -> float | None:
    try:
        envelope: Any = json.loads(message)
        if isinstance(envelope, list):  # unacked keeps [message, exchange, routing key]
            envelope = envelope[0]
        at = envelope["headers"]["sent_at"]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return float(at) if isinstance(at, int | float) else None
