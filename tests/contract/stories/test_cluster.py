"""The index on a node of a cluster, which refuses what does not lie in one slot."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis.crc import key_slot

from worker.errors import ConfigError
from worker.state import redis_server
from worker.state.stories.redis_index import RedisStories

from .conftest import RULES, Clock, Desk


@pytest.fixture(scope="module")
def cluster_url() -> Iterator[str]:
    """A node of a cluster that holds the one slot of the index; no node holds the others."""
    try:
        program, _ = redis_server.find_binary(os.environ.get("COPYDESK_BROKER__SERVER_BINARY"))
    except ConfigError as missing:
        if "CI" in os.environ:
            raise
        pytest.skip(f"no Redis server: {missing}")
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="cd-") as folder:
        options = f"--port {port} --bind 127.0.0.1 --cluster-enabled yes --cluster-require-full-coverage no".split()
        options += ["--save", "", "--dir", folder]
        server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        client = redis.Redis(port=port)
        try:
            _until(client.ping)
            client.execute_command("CLUSTER ADDSLOTS", key_slot(b"dd"))
            _until(lambda: client.cluster("INFO")["cluster_state"] == "ok")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            client.close()
            server.kill()
            server.wait()


def _free_port() -> int:
    """One below 50,000 with the port of the cluster's bus, 10,000 above, free too."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as bus:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            if port < 50_000:
                try:
                    bus.bind(("127.0.0.1", port + 10_000))
                except OSError:
                    continue
                return port
    pytest.skip("no two free ports")


def _until(holds: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except redis.exceptions.RedisError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def desk(cluster_url: str) -> Desk:
    clock = Clock()
    return Desk(RedisStories(cluster_url, RULES, prefix="cluster:", clock=clock), clock)


def test_a_node_of_a_cluster_holds_the_index(desk: Desk, article: Any, prose: Any) -> None:
    text = prose(1)
    first, copy = article(text), article(text + "\n\nA last line.", "https://two.example/b")

    kinds = [desk.store(first).kind, desk.store(copy).kind]
    for seed in range(2, 40):  # so many that what a site has shown is set aside, and tables hold something
        kinds.append(desk.store(article(prose(seed), f"https://one.example/{seed}")).kind)
    verdict = desk.claim(first)
    story = desk.index.story(verdict.story_id)

    assert kinds == ["new", "near_copy"] + ["new"] * 38
    assert story is not None
    assert [member.kind for member in story.members] == ["new", "near_copy"]
    assert desk.index.size().captures == 40
    assert desk.index.forget(first.capture.capture_id)
    other = article(prose(50))
    assert desk.abort(other, desk.claim(other))


def test_the_node_refuses_a_script_another_slot(cluster_url: str) -> None:
    client = redis.Redis.from_url(cluster_url)

    assert client.eval("return redis.call('EXISTS', '{dd}a')", 0) == 0
    with pytest.raises(redis.exceptions.ResponseError, match="non local key"):
        client.eval("return redis.call('EXISTS', '{ee}a')", 0)

    client.close()
