"""F8 with Sentinel: the primary dies, the sentinels put its replica in its place, and the work goes on by itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from worker.cli.embedded import with_broker
from worker.state import redis_server

PASSWORD = "long and secret"  # of servers that live for one test
MASTER = "desk"
DOWN_AFTER_MS = 1000
CONF = f"""
bind 127.0.0.1
port {{port}}
dir {{folder}}
logfile {{folder}}/sentinel.log
requirepass "{PASSWORD}"
sentinel monitor {MASTER} 127.0.0.1 {{primary}} 2
sentinel auth-pass {MASTER} "{PASSWORD}"
sentinel down-after-milliseconds {MASTER} {DOWN_AFTER_MS}
sentinel failover-timeout {MASTER} 10000
"""


class Watched:
    """A primary, its replica and three sentinels, all real, all behind a password."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("a", "b")}
        self.pids: dict[str, int] = {}
        self.sentinels: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        for name in self.ports:
            self.start_server(name)
        self.client("b").replicaof("127.0.0.1", str(self.ports["a"]))
        wait_until(lambda: self.client("b").info("replication")["master_link_status"] == "up", "the replica follows")
        for _ in range(3):
            self._start_sentinel(free_port())
        wait_until(lambda: all(self._knows_all(port) for port in self.sentinels), "the sentinels know each other")

    def start_server(self, name: str) -> None:
        server = redis_server.start(self.folder / name, maxmemory_mb=256)
        self.pids[name] = server.pid
        client = redis_server.connect(server.url)
        client.config_set("bind", "127.0.0.1")
        client.config_set("masterauth", PASSWORD)
        client.config_set("requirepass", PASSWORD)
        redis_server.connect(server.url, password=PASSWORD).config_set("port", self.ports[name])

    def _start_sentinel(self, port: int) -> None:
        folder = self.folder / f"sentinel-{port}"
        folder.mkdir()
        conf = folder / "sentinel.conf"
        conf.write_text(CONF.format(port=port, folder=folder, primary=self.ports["a"]))
        command = [redis_server.find_binary()[0], str(conf), "--sentinel"]
        self.sentinels[port] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _knows_all(self, port: int) -> bool:
        try:
            state = self.ask(port).sentinel_masters()[MASTER]
        except OSError:
            return False
        return bool(state["num-other-sentinels"] == 2 and state["num-slaves"] == 1)

    def ask(self, port: int) -> Any:
        return redis_server.connect(f"redis://:{quote(PASSWORD)}@127.0.0.1:{port}/0")

    def client(self, name: str) -> Any:
        return redis_server.connect(f"redis://:{quote(PASSWORD)}@127.0.0.1:{self.ports[name]}/0")

    def kill(self, name: str) -> None:
        os.kill(self.pids.pop(name), signal.SIGKILL)

    @property
    def url(self) -> str:
        nodes = ",".join(f"127.0.0.1:{port}" for port in self.sentinels)
        return f"sentinel://:{quote(PASSWORD)}@{nodes}/0?master={MASTER}&sentinel_auth=true"

    def stop(self) -> None:
        for sentinel in self.sentinels.values():
            sentinel.kill()
            sentinel.wait()
        for name in list(self.pids):
            self.kill(name)


@pytest.fixture
def watched(desk: Any) -> Iterator[Watched]:
    """A Redis that three sentinels watch; the desk's broker from now on."""
    made = Watched(desk.folder)
    try:
        made.start()
        desk.settings = with_broker(desk.settings, made.url)
        yield made
    finally:
        made.stop()


@pytest.mark.fault
def test_sentinels_put_the_replica_in_the_place_of_a_killed_primary_and_nothing_is_lost(
    watched: Watched, trial: Any
) -> None:
    a, b = watched.client("a"), watched.client("b")
    with trial.at_work():
        trial.wait_for(0.2)
        watched.kill("a")
        trial.struck()
        wait_until(lambda: b.info("replication")["role"] == "master", "the replica takes over")
        watched.start_server("a")  # the old primary comes back: the sentinels make it a replica
        wait_until(lambda: a.info("replication")["role"] == "slave", "the old primary follows")
        wait_until(lambda: a.info("replication")["master_link_status"] == "up", "it has its data")
        trial.wait_for(0.5)
        watched.kill("b")  # and it takes over again
        trial.struck()
        trial.reconcile()

    log = (trial.desk.folder / "worker.log").read_text()
    assert trial.ended is None
    assert PASSWORD not in log
    assert quote(PASSWORD) not in log
    trial.account("F8 Sentinel puts a replica in the place of a killed primary")


@pytest.mark.integration
def test_doctor_tells_whether_the_sentinels_could_put_another_in_the_place_of_the_primary(
    desk: Any, watched: Watched
) -> None:
    well = sentinels_of(desk)
    port, sentinel = next(iter(watched.sentinels.items()))
    sentinel.kill()
    sentinel.wait()
    watched.kill("b")
    wait_until(lambda: fit_replicas(watched) == 0, "the sentinels miss the replica")
    ill = sentinels_of(desk)

    assert [finding["state"] for finding in well] == ["ok"]
    assert f"3 say 127.0.0.1:{watched.ports['a']}, 1 replica(s)" in well[0]["said"]
    assert [finding["state"] for finding in ill] == ["warn", "warn"]
    assert f"127.0.0.1:{port}: it does not answer" in ill[0]["said"]
    assert "no replica that is fit" in ill[1]["said"]
    assert PASSWORD not in str(ill)


@pytest.mark.integration
def test_a_wrong_name_of_the_primary_is_told_with_those_that_are_known(desk: Any, watched: Watched) -> None:
    desk.settings = with_broker(desk.settings, watched.url.replace(f"master={MASTER}", "master=other"))

    found = sentinels_of(desk)

    assert {finding["state"] for finding in found} == {"fail"}
    assert all(f"knows no primary 'other'; it knows: {MASTER}" in finding["said"] for finding in found)


def sentinels_of(desk: Any) -> list[dict[str, str]]:
    findings = json.loads(desk.run("doctor", "--json").stdout)["findings"]
    return [finding for finding in findings if finding["name"] == "broker sentinels"]


def fit_replicas(watched: Watched) -> int:
    told = watched.ask(list(watched.sentinels)[-1]).sentinel_slaves(MASTER)
    return sum(not one["is_sdown"] for one in told)


def wait_until(holds: Callable[[], bool], what: str, within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, f"not so after {within_s} s: {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
