"""deploy/redis.conf on a real server: it starts with it and keeps to it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from worker.errors import ConfigError
from worker.state.redis_server import find_binary

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis.Redis]:
    root = Path(__file__).resolve().parents[3]
    folder = tmp_path_factory.mktemp("r")
    try:
        binary, _ = find_binary()
    except ConfigError as exc:
        pytest.skip(str(exc))
    socket = folder / "s"
    here = ["--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--requirepass", "only-a-test"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([binary, str(root / "deploy/redis.conf"), *here], stdout=log, stderr=log)
    client = redis.Redis(unix_socket_path=str(socket), password="only-a-test")
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
            break
        except redis.ConnectionError:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.01)
    yield client
    client.close()
    process.terminate()
    process.wait(10)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("appendonly", "yes"),
        ("appendfsync", "everysec"),
        ("maxmemory-policy", "noeviction"),
        ("maxmemory", str(1024**3)),
        ("timeout", "0"),
        ("hash-max-listpack-value", "160"),
    ],
)
def test_the_server_took_the_rule(server: redis.Redis, key: str, value: str) -> None:
    assert server.config_get(key)[key] == value


def test_nobody_comes_in_without_the_password(server: redis.Redis) -> None:
    stranger = redis.Redis(unix_socket_path=server.connection_pool.connection_kwargs["path"])

    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
