"""A Redis that Sentinel watches: the client that follows the primary, and a look at those who watch it."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import redis
from redis.sentinel import Sentinel

from worker.sentinels import Sentinels, asking, sentinels_in

ASK_S = 5.0  # a sentinel that is silent for so long is passed over for the next


def primary_of(told: Sentinels, settings: dict[str, Any]) -> redis.Redis:
    """A client of whoever is the primary when it connects. Opens no connection yet."""
    login = {"username": told.username, "password": told.password, "db": told.database}
    guard: Any = Sentinel(told.nodes, sentinel_kwargs=asking(told, timeout_s=ASK_S), **login, **settings)  # type: ignore[no-untyped-call]
    return cast(redis.Redis, guard.master_for(told.master))


class Guard(NamedTuple):
    """What one sentinel says; `problem` where it does not answer or knows no such primary."""

    node: str
    primary: str = ""
    replicas: int = 0  # that it would take as the next primary
    quorum_problem: str = ""
    problem: str = ""


def guards_of(url: str) -> list[Guard]:
    """What each sentinel of a sentinel:// URL says of the primary. Raises ConfigError for another URL."""
    told = sentinels_in(url)
    return [_ask(host, port, told) for host, port in told.nodes]


def _ask(host: str, port: int, told: Sentinels) -> Guard:
    node = f"{host}:{port}"
    client: Any = redis.Redis(host, port, **cast(dict[str, Any], asking(told, timeout_s=ASK_S)))
    try:
        masters = client.sentinel_masters()
        if (state := masters.get(told.master)) is None:
            known = ", ".join(sorted(masters)) or "none"
            return Guard(node, problem=f"it knows no primary {told.master!r}; it knows: {known}")
        replicas = client.sentinel_slaves(told.master)
        fit = sum(not (one["is_sdown"] or one["is_odown"] or one["is_disconnected"]) for one in replicas)
        return Guard(node, f"{state['ip']}:{state['port']}", fit, _quorum(client, told.master))
    except (redis.RedisError, OSError) as exc:
        return Guard(node, problem=f"it does not answer: {exc}")
    finally:
        client.close()


def _quorum(client: Any, master: str) -> str:
    try:
        client.execute_command("SENTINEL CKQUORUM", master)
    except redis.ResponseError as exc:
        return str(exc)
    return ""
