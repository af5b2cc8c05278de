"""The URL of a Redis that Sentinel watches: who is asked, and for which primary. Opens nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote

from worker.errors import ConfigError

SCHEME = "sentinel"
PORT = 26379
FORM = "sentinel://:PASSWORD@HOST:26379,HOST:26379/0?master=NAME"
_URL = re.compile(r"sentinel://(?:(?P<login>[^@/]*)@)?(?P<hosts>[^/?@]+)(?:/(?P<database>\d*))?(?:\?(?P<query>.*))?")
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+)(?::(?P<port>\d{1,5}))?")
_KEYS = {"master", "sentinel_auth"}


@dataclass(frozen=True)
class Sentinels:
    """The sentinels to ask, in order, and the primary to ask for. User and password are the Redis servers'."""

    nodes: tuple[tuple[str, int], ...]
    master: str
    database: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    same_login: bool = False  # the sentinels ask for the same user and password


def is_sentinel(url: str) -> bool:
    return url.startswith(f"{SCHEME}:")


def sentinels_in(url: str) -> Sentinels:
    """What a sentinel:// URL says. Raises ConfigError, which repeats nothing of the URL: it may hold a password."""
    told = _URL.fullmatch(url)
    query = parse_qs(told["query"] or "", keep_blank_values=True) if told else {}
    hosts = [_HOST.fullmatch(one) for one in told["hosts"].split(",")] if told else []
    nodes = [(one["host"].strip("[]"), int(one["port"] or PORT)) for one in hosts if one]
    if told is None or len(nodes) != len(hosts) or not all(0 < port < 65536 for _, port in nodes):
        raise ConfigError(f"a sentinel URL is written {FORM}: one scheme, then all sentinels with commas between them")
    if set(query) - _KEYS or len(query.get("master", ())) != 1 or not query["master"][0]:
        raise ConfigError(
            f"a sentinel URL ends in ?master=NAME, as the sentinels call the primary, and may add &sentinel_auth=true: "
            f"{FORM}. TLS is not spoken through sentinels; put a stable rediss:// name in front of the primary for it"
        )
    username, _, password = (told["login"] or "").partition(":")
    return Sentinels(
        nodes=tuple(nodes),
        master=query["master"][0],
        database=int(told["database"] or 0),
        username=unquote(username) or None,
        password=unquote(password) or None,
        same_login=query.get("sentinel_auth") == ["true"],
    )


def for_celery(url: str, *, timeout_s: float) -> tuple[str, dict[str, object]]:
    """The same for kombu: a URL for each sentinel, with semicolons between them, and its transport options.

    A sentinel that is silent for `timeout_s` is passed over for the next.
    """
    told = sentinels_in(url)
    login = url.removeprefix(f"{SCHEME}://").rpartition("@")[0]
    hosts = [f"[{host}]" if ":" in host else host for host, _ in told.nodes]
    each = [
        f"{SCHEME}://{login}{'@' if login else ''}{host}:{port}/{told.database}"
        for host, (_, port) in zip(hosts, told.nodes, strict=True)
    ]
    return ";".join(each), {"master_name": told.master, "sentinel_kwargs": asking(told, timeout_s=timeout_s)}


def asking(told: Sentinels, *, timeout_s: float) -> dict[str, object]:
    """How a connection to one of the sentinels is made, in redis-py's words."""
    login = {"username": told.username, "password": told.password} if told.same_login else {}
    return {"socket_timeout": timeout_s, "socket_connect_timeout": timeout_s, **login}
