"""F7, F8, F9: connections are lost in the middle of the work, and the worker goes on by itself."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from kombu.asynchronous import Hub

from worker.app import create
from worker.cli.embedded import with_broker
from worker.errors import TransientError
from worker.producer import Producer
from worker.state import redis_server
from worker.tasks.consumer import Consumer

pytestmark = pytest.mark.fault

log = logging.getLogger(__name__)
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


def test_connections_that_are_cut_again_and_again_lose_and_double_nothing(trial: Any) -> None:
    client = redis_server.connect(trial.desk.settings.broker.url)
    with trial.at_work():
        for number in range(8):
            trial.wait_for(0.1 * number + 0.05)
            client.client_kill_filter(_type=PARENTS_KIND[number % 2], skipme=True)
            trial.struck()
        trial.reconcile()

    trial.account("F7 all connections are cut")


def test_a_redis_that_is_away_for_half_a_minute_and_comes_back_empty_is_refilled(trial: Any) -> None:
    with trial.at_work():
        trial.wait_for(0.3)
        restart_redis(trial.desk, away_s=30, empty=True)
        trial.struck()
        trial.reconcile()

    assert trial.ended is None
    trial.account("F8 Redis is away for 30 s and comes back empty")


def test_a_redis_that_stands_still_lets_no_publisher_wait_for_ever(desk: Any) -> None:
    """The command too, which says so; how long its process takes to start is not what is measured."""
    server = redis_server.find(desk.settings.redis_dir)
    assert server is not None
    path = desk.write_stories(10)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as threads:
            command = threads.submit(desk.run, "enqueue", str(path))
            producer = Producer.open(desk.settings)
            producer.add_page("https://town.example/page", b"<p>A page</p>")
            began = time.monotonic()
            with pytest.raises(TransientError, match="Redis does not answer"):
                producer.flush()
            took_s = time.monotonic() - began
            producer.close()
            done = command.result()
    finally:
        os.kill(server.pid, signal.SIGCONT)

    assert took_s < 1.5 * desk.settings.broker.socket_timeout_s
    assert done.returncode == 1
    assert "Redis does not answer" in done.stderr


def test_connections_that_went_silent_are_given_up_and_the_work_goes_on(
    make_desk: Callable[..., Any], trial_of: Callable[..., Any]
) -> None:
    limits = "soft_time_limit_s = 60\ntime_limit_s = 80"  # above the 30 s that a child waits for a silent server, as elsewhere
    desk = make_desk(broker="socket_timeout_s = 5\nhealth_check_interval_s = 5", worker=limits)
    with Relay(socket_of(desk.settings.broker.url)) as relay:
        desk.settings = with_broker(desk.settings, f"redis+socket://{relay.path}?virtual_host=0")
        trial = trial_of(desk)
        with trial.at_work():
            for share in (0.2, 0.5):
                trial.wait_for(share)
                relay.silence()
                trial.struck()
            trial.reconcile()

    assert trial.ended is None
    trial.account("F9 all connections go silent")


def test_an_ack_that_comes_after_its_channel_was_lost_does_not_end_the_worker(desk: Any) -> None:
    app = create(desk.settings)
    consumer = Consumer.__new__(Consumer)
    consumer.hub = Hub()
    with app.connection() as connection:
        channel = connection.channel()
        queue = app.amqp.queues["normalize"](channel)
        queue.declare()
        app.send_task("worker.normalize", args=[{}], queue="normalize")
        message = queue.get()
        consumer.call_soon_ack(message.ack_log_error, log, (OSError,))
        channel.close()
        channel._disconnect_pools()  # what it opened anew to give back its messages fails where the server is away
        ready = list(consumer.hub._pop_ready())

        for callback in ready:
            callback()

    assert len(ready) == 1
    with pytest.raises(AttributeError):  # as long as this is so upstream, our own Consumer is needed
        message.ack()


def test_a_child_that_takes_the_place_of_another_holds_no_socket_of_its_parent(desk: Any) -> None:
    workers = desk.workers(1)
    try:
        parent = workers.pids["worker"]
        (first,) = children_of(parent)
        os.kill(first, signal.SIGKILL)
        until = time.monotonic() + 60
        while not (children := [child for child in children_of(parent) if child != first]):
            assert time.monotonic() < until
            time.sleep(0.05)
        desk.run("enqueue", str(desk.write_stories(1)))
        desk.wait_finished(1)
        shared = sockets_of(parent) & sockets_of(children[0])
        held = sockets_of(parent), sockets_of(children[0])
    finally:
        workers.stop()

    assert all(held)
    assert shared == set()


def test_a_subscription_with_nothing_to_read_does_not_hold_up_the_worker(desk: Any) -> None:
    """What ended the run of one in three: the loop waited for ever for the subscription of a silent connection."""
    app = create(desk.settings)
    with app.connection() as connection, ThreadPoolExecutor() as threads:
        channel = connection.channel()
        subscription = channel.subclient
        subscription.subscribe("anything")
        channel._receive_one(subscription)  # that it is subscribed

        began = time.monotonic()
        threads.submit(channel._receive_one, subscription).result(20)
        took_s = time.monotonic() - began

    assert took_s < 10


def test_a_failover_to_a_replica_behind_the_same_name_loses_and_doubles_nothing(
    desk: Any, trial_of: Callable[..., Any]
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
            trial = trial_of(desk)
            with trial.at_work():
                trial.wait_for(0.4)
                assert client.info("replication")["master_link_status"] == "up"
                os.kill(primary.pid, signal.SIGKILL)
                time.sleep(2)  # until a watcher would have noticed
                client.replicaof("NO", "ONE")
                relay.server = socket_of(replica.url)
                trial.struck()
                trial.reconcile()
    finally:
        redis_server.stop(replica, force=True)

    assert trial.ended is None
    trial.account("F8 failover to a replica behind the same name")


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def sockets_of(pid: int) -> set[str]:
    """The sockets a process holds, by what the kernel calls them."""
    names = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    return {name for name in names if name.startswith("socket:")}


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
