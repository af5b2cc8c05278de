"""F7, F8, F9: connections are lost in the middle of the work, and the worker goes on by itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from worker.cli.embedded import with_broker
from worker.state import redis_server

pytestmark = pytest.mark.fault

PARENTS_KIND = ("normal", "pubsub")


def test_a_worker_lives_on_when_its_subscription_is_the_first_to_notice_a_lost_redis(
    slow_desk: Callable[..., Any], begun: Callable[..., list[int]]
) -> None:
    desk = slow_desk(60)
    client = redis_server.connect(desk.settings.broker.url)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(desk.write_stories(1)))
        begun(desk)
        os.kill(workers.pids["worker"], signal.SIGSTOP)
        client.client_kill_filter(_type="pubsub")  # the first it will see, before the read that waits for tasks
        restart_redis(desk, when_away=lambda: os.kill(workers.pids["worker"], signal.SIGCONT))
        (desk.folder / "plug" / "go").touch()

        desk.run("enqueue", str(desk.write_stories(2, "more.jsonl", start=1)))
        counts = desk.wait_finished(3)
        ended = workers.ended()
    finally:
        workers.stop()

    assert ended is None
    assert counts.states == {"stored": 3}


def test_a_capture_that_was_in_work_at_every_outage_is_blamed_for_none(
    slow_desk: Callable[..., Any], begun: Callable[..., list[int]]
) -> None:
    desk = slow_desk(60)
    workers = desk.workers()
    outages = desk.settings.pipeline.max_attempts + 1
    try:
        desk.run("enqueue", str(desk.write_stories(1)))
        for number in range(outages):
            begun(desk, number + 1)
            restart_redis(desk)
        begun(desk, outages + 1)
        (desk.folder / "plug" / "go").touch()
        counts = desk.wait_finished(1)
    finally:
        workers.stop()

    assert counts.states == {"stored": 1}


@pytest.mark.parametrize("kind", PARENTS_KIND)
def test_cut_connections_cost_no_task_and_no_second_article(
    slow_desk: Callable[..., Any], begun: Callable[..., list[int]], kind: str
) -> None:
    desk = slow_desk(3)
    client = redis_server.connect(desk.settings.broker.url)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(desk.write_stories(1)))
        begun(desk)
        client.client_kill_filter(_type=kind, skipme=True)
        counts = desk.wait_finished(1)
        answer = ping(desk)
        desk.run("enqueue", str(desk.write_stories(100, "more.jsonl", start=1)))
        desk.wait_finished(101)
        ended = workers.ended()
    finally:
        workers.stop()

    assert counts.states == {"stored": 1}
    assert "pong" in answer
    assert ended is None
    assert len({row["url"] for row in desk.stored()}) == len(desk.stored()) == 101


def test_connections_that_are_cut_again_and_again_lose_and_double_nothing(
    desk: Any,
    captures: int,
    account: Callable[..., None],
    wait_for_share: Callable[..., None],
    reconcile_until_finished: Callable[..., Any],
) -> None:
    client = redis_server.connect(desk.settings.broker.url)
    workers = desk.workers()
    cuts = 8
    try:
        desk.run("enqueue", str(desk.write_stories(captures)))
        for number in range(cuts):
            wait_for_share(desk, 0.1 * number + 0.05, captures)
            client.client_kill_filter(_type=PARENTS_KIND[number % 2], skipme=True)
        cut = time.monotonic()
        reconcile_until_finished(desk, captures)
    finally:
        workers.stop()

    account(desk, "F7 all connections are cut", captures, cuts, cut)


def test_a_redis_that_is_away_for_half_a_minute_and_comes_back_empty_is_refilled(
    desk: Any,
    captures: int,
    account: Callable[..., None],
    wait_for_share: Callable[..., None],
    reconcile_until_finished: Callable[..., Any],
) -> None:
    workers = desk.workers()
    try:
        desk.run("enqueue", str(desk.write_stories(captures)))
        wait_for_share(desk, 0.3, captures)
        restart_redis(desk, away_s=30, empty=True)
        back = time.monotonic()
        reconcile_until_finished(desk, captures)
        ended = workers.ended()
    finally:
        workers.stop()

    assert ended is None
    account(desk, "F8 Redis is away for 30 s and comes back empty", captures, 1, back)


def test_a_redis_that_stands_still_lets_no_publisher_wait_for_ever(desk: Any) -> None:
    server = redis_server.find(desk.settings.redis_dir)
    assert server is not None
    path = desk.write_stories(10)
    os.kill(server.pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        done = desk.run("enqueue", str(path))
    finally:
        took_s = time.monotonic() - began
        os.kill(server.pid, signal.SIGCONT)

    assert done.returncode == 1
    assert "Redis" in done.stderr
    assert took_s < 2 * desk.settings.broker.socket_timeout_s


def test_connections_that_went_silent_are_given_up_and_the_work_goes_on(
    make_desk: Callable[..., Any],
    captures: int,
    account: Callable[..., None],
    wait_for_share: Callable[..., None],
    reconcile_until_finished: Callable[..., Any],
) -> None:
    desk = make_desk(broker="socket_timeout_s = 5\nhealth_check_interval_s = 5")
    with Relay(socket_of(desk.settings.broker.url)) as relay:
        desk.settings = with_broker(desk.settings, f"redis+socket://{relay.path}?virtual_host=0")
        workers = desk.workers()
        try:
            desk.run("enqueue", str(desk.write_stories(captures)))
            for share in (0.2, 0.5):
                wait_for_share(desk, share, captures)
                relay.silence()
            silent = time.monotonic()
            reconcile_until_finished(desk, captures)
            ended = workers.ended()
        finally:
            workers.stop()

    assert ended is None
    account(desk, "F9 all connections go silent", captures, 2, silent)


def test_a_failover_to_a_replica_behind_the_same_name_loses_and_doubles_nothing(
    desk: Any,
    captures: int,
    account: Callable[..., None],
    wait_for_share: Callable[..., None],
    reconcile_until_finished: Callable[..., Any],
) -> None:
    primary = redis_server.find(desk.settings.redis_dir)
    assert primary is not None
    port = free_port()
    redis_server.connect(primary.url).config_set("port", port)
    replica = redis_server.start(desk.folder / "replica", maxmemory_mb=256)
    client = redis_server.connect(replica.url)
    client.replicaof("127.0.0.1", port)
    try:
        with Relay(socket_of(primary.url)) as relay:
            desk.settings = with_broker(desk.settings, f"redis+socket://{relay.path}?virtual_host=0")
            workers = desk.workers()
            try:
                desk.run("enqueue", str(desk.write_stories(captures)))
                wait_for_share(desk, 0.4, captures)
                assert client.info("replication")["master_link_status"] == "up"
                os.kill(primary.pid, signal.SIGKILL)
                time.sleep(2)  # until a watcher would have noticed
                client.replicaof("NO", "ONE")
                relay.server = socket_of(replica.url)
                switched = time.monotonic()
                reconcile_until_finished(desk, captures)
                ended = workers.ended()
            finally:
                workers.stop()
    finally:
        redis_server.stop(replica, force=True)

    assert ended is None
    account(desk, "F8 failover to a replica behind the same name", captures, 1, switched)


def socket_of(url: str) -> Path:
    return Path(url.removeprefix("redis+socket://").split("?")[0])


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def restart_redis(
    desk: Any, *, away_s: float = 1, empty: bool = False, when_away: Callable[[], None] = lambda: None
) -> None:
    folder = desk.settings.redis_dir
    server = redis_server.find(folder)
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)
    when_away()
    time.sleep(away_s)  # the outage itself
    if empty:
        shutil.rmtree(folder)
    redis_server.start(folder, maxmemory_mb=256)


def ping(desk: Any) -> str:
    command = [sys.executable, "-m", "celery", "-A", "worker.app", "inspect", "ping", "--timeout", "10"]
    done = subprocess.run(
        command, env=desk.environment(), cwd=desk.folder, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


class Relay:
    """A socket before the server's, whose connections can fall silent: open, but nothing goes through any more."""

    def __init__(self, server: Path) -> None:
        self.server = server
        self.path = server.with_name("relay.sock")
        self._era = 0
        self._door = socket.socket(socket.AF_UNIX)
        self._kept: list[socket.socket] = []

    def __enter__(self) -> Relay:
        self._door.bind(str(self.path))
        self._door.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for kept in self._kept:
            with contextlib.suppress(OSError):
                kept.shutdown(socket.SHUT_RDWR)
            kept.close()

    def silence(self) -> None:
        """All connections of now: what comes is dropped. Later ones work."""
        self._era += 1

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(str(self.server))
                except OSError:  # it is away
                    client.close()
                    continue
                self._kept += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(*pair, self._era), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, era: int) -> None:
        with contextlib.suppress(OSError):
            for data in chunks(source):
                if era == self._era:
                    target.sendall(data)
            if era == self._era:
                target.shutdown(socket.SHUT_RDWR)


def chunks(source: socket.socket) -> Iterator[bytes]:
    while data := source.recv(65536):
        yield data
