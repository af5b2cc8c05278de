"""Processes are killed and restarted under load: none lost, none doubled."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from worker.cli.workers import Workers
from worker.models import TERMINAL_STATES
from worker.state import redis_server

pytestmark = pytest.mark.fault

CAPTURES = 2000


def test_a_killed_child_loses_and_doubles_nothing(desk: Any) -> None:
    path = desk.write_stories(CAPTURES)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        for share in (0.1, 0.3, 0.5):
            wait_for_share(desk, share)
            kill_one_child(workers)

        counts = desk.wait_finished(CAPTURES, within_s=180)
    finally:
        workers.stop()

    assert counts.states == {"stored": CAPTURES}
    assert_once(desk)


def test_a_killed_worker_loses_and_doubles_nothing_of_ten_thousand(desk: Any) -> None:
    total = 10_000
    path = desk.write_stories(total)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        for share in (0.05, 0.5):
            wait_for_share(desk, share, total)
            kill_all(workers)
            workers = desk.workers()

        counts = reconcile_until_finished(desk, total, within_s=400)
    finally:
        workers.stop()

    assert counts.states == {"stored": total}
    assert_once(desk)


def test_a_killed_redis_loses_and_doubles_nothing(desk: Any) -> None:
    path = desk.write_stories(CAPTURES)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        wait_for_share(desk, 0.2)
        server = redis_server.find(desk.settings.redis_dir)
        assert server is not None
        os.kill(server.pid, signal.SIGKILL)
        time.sleep(2)  # the outage itself
        redis_server.start(desk.settings.redis_dir, maxmemory_mb=256)

        counts = reconcile_until_finished(desk, CAPTURES)
    finally:
        workers.stop()

    assert counts.states == {"stored": CAPTURES}
    assert_once(desk)


def test_an_emptied_redis_is_refilled_from_the_ledger(desk: Any) -> None:
    desk.run("enqueue", str(desk.write_stories(200)))
    server = redis_server.find(desk.settings.redis_dir)
    assert server is not None
    redis_server.connect(server.url).flushall()
    workers = desk.workers()
    try:
        counts = reconcile_until_finished(desk, 200)
    finally:
        workers.stop()

    assert counts.states == {"stored": 200}
    assert_once(desk)


def assert_once(desk: Any) -> None:
    """Each capture is one article in the store: none missing, none twice."""
    urls = [row["url"] for row in desk.stored()]
    assert len(urls) == len(set(urls)) == sum(desk.counts().states.values())


def wait_for_share(desk: Any, share: float, total: int = CAPTURES) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        counts = desk.counts()
        if sum(n for state, n in counts.states.items() if state in TERMINAL_STATES) >= share * total:
            return
        time.sleep(0.02)
    pytest.fail(f"{share:.0%} were not finished in three minutes: {desk.counts().states}")


def reconcile_until_finished(desk: Any, total: int, within_s: float = 180) -> Any:
    """What beat does every minute, done every few seconds."""
    until = time.monotonic() + within_s
    while True:
        counts = desk.counts()
        if sum(n for state, n in counts.states.items() if state in TERMINAL_STATES) >= total:
            return counts
        if time.monotonic() > until:
            pytest.fail(f"not finished in {within_s} s: {counts.states}")
        time.sleep(2)
        desk.run("reconcile")


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_one_child(workers: Workers) -> None:
    os.kill(random.choice(children_of(workers.pids["worker"])), signal.SIGKILL)


def kill_all(workers: Workers) -> None:
    os.killpg(workers.pids["worker"], signal.SIGKILL)
    workers.stop()
