"""What a look at a Redis server tells, for people: which it is, how full, how far its clock is from ours."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import redis

from worker.errors import TransientError
from worker.state.redis_server import connect

LOOK_TIMEOUT_S = 5


@dataclass(frozen=True)
class ServerLook:
    """A server as it stood just now."""

    name: str  # Redis or Valkey
    version: str
    round_trip_s: float
    clock_ahead_s: float  # of ours; negative when behind
    used_bytes: int
    most_bytes: int  # maxmemory; 0: no limit
    policy: str
    clients: tuple[str, ...]  # names of the connections

    @property
    def memory_share(self) -> float | None:
        """Used memory of maxmemory; None without a limit."""
        return self.used_bytes / self.most_bytes if self.most_bytes else None


def look_at(url: str) -> ServerLook:
    """What the server at `url` tells; changes nothing. Raises TransientError when it is away or lets us not in."""
    client = connect(url, socket_timeout=LOOK_TIMEOUT_S, socket_connect_timeout=LOOK_TIMEOUT_S)
    try:
        client.ping()  # the connection is made and let in before time is taken
        began, ours = time.perf_counter(), time.time()
        seconds, micros = client.time()
        took = time.perf_counter() - began
        facts: dict[str, Any] = {}
        for section in ("server", "memory"):
            facts |= client.info(section)
        rows = client.client_list()
    except (redis.RedisError, OSError) as exc:
        raise TransientError(f"it does not answer: {exc}") from exc
    finally:
        client.close()
    return ServerLook(
        name="Valkey" if "valkey_version" in facts else "Redis",
        version=str(facts.get("valkey_version", facts.get("redis_version", "?"))),
        round_trip_s=took,
        clock_ahead_s=seconds + micros / 1e6 - (ours + took / 2),
        used_bytes=int(facts.get("used_memory", 0)),
        most_bytes=int(facts.get("maxmemory", 0)),
        policy=str(facts.get("maxmemory_policy", "?")),
        clients=tuple(row.get("name", "") for row in rows),
    )
