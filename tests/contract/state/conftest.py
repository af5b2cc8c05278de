"""The back ends of the worker's memory, each on a fresh place of the test's own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker.models import BodyRef, Capture, Origin, capture_id_of
from worker.state.redis_server import RedisServer, connect, start, stop
from worker.state.spool import ref_to


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A server of this test run only; never one that the test did not start."""
    with tempfile.TemporaryDirectory(prefix="cd-") as folder:
        server = start(Path(folder, "redis"), maxmemory_mb=64)
        yield server
        stop(server, force=True)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis."""
    client = connect(redis_server.url)
    client.flushall()
    client.close()
    return redis_server.url


@pytest.fixture
def capture() -> Callable[..., Capture]:
    """Makes captures: the same number, the same capture."""

    def make(number: int, body: BodyRef | None = None, accepted_at: datetime | None = None) -> Capture:
        body = body or ref_to(f"body {number}".encode())
        url = f"https://news.example/{number}"
        captured_at = datetime(2026, 1, 5, 12, tzinfo=UTC)
        return Capture(
            capture_id=capture_id_of("test", url, captured_at, body.digest),
            source="test",
            url=url,
            captured_at=captured_at,
            media_type="text/html",
            external_id=f"row-{number}",
            body=body,
            origin=Origin(location="captures.jsonl", record=number),
            accepted_at=accepted_at,
        )

    return make
