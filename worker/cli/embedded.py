"""The embedded defaults filled in: a real Redis for as long as a verb needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from worker.settings import Settings
from worker.state import redis_server


@contextmanager
def broker(settings: Settings, *, keep: bool = True) -> Iterator[Settings]:
    """Settings whose broker answers: the configured one, else the embedded server, started or attached to.

    Who started the server stops it, unless others are connected; without `keep`, whoever leaves last.
    What waits in its queues stays there: the append-only file keeps it for the next start.
    """
    if settings.broker.url:
        yield settings
        return
    server = redis_server.start(
        settings.redis_dir,
        binary=settings.broker.server_binary or None,
        maxmemory_mb=settings.broker.server_maxmemory_mb,
    )
    try:
        yield with_broker(settings, server.url)
    finally:
        if server.started or not keep:
            redis_server.stop(replace(server, started=True))


def attached(settings: Settings) -> Settings | None:
    """Settings with the broker that is there: the configured one, or a running embedded one; None when neither."""
    if settings.broker.url:
        return settings
    server = redis_server.find(settings.redis_dir)
    return with_broker(settings, server.url) if server else None


def with_broker(settings: Settings, url: str) -> Settings:
    """The same settings with this broker."""
    return settings.model_copy(update={"broker": settings.broker.model_copy(update={"url": url})})


def environment(settings: Settings) -> dict[str, str]:
    """What a child process needs in its environment to have the same settings."""
    return {
        "COPYDESK_CONFIG": str(settings.config_dir),
        "COPYDESK_PROFILE": settings.profile,
        "COPYDESK_DATA_DIR": str(settings.data_dir),
        "COPYDESK_BROKER__URL": settings.broker.url,
        "COPYDESK_BROKER__URL_FILE": "",  # what it held stands above
        "COPYDESK_HEALTH_DIR": "",  # children of one host each have a folder of their own
    }
