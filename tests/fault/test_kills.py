"""Processes are killed and restarted under load: none lost, none doubled."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from worker.cli.workers import Workers
from worker.state import redis_server

pytestmark = pytest.mark.fault


def test_killed_children_lose_and_double_nothing(
    desk: Any,
    captures: int,
    account: Callable[..., None],
    wait_for_share: Callable[..., None],
    reconcile_until_finished: Callable[..., Any],
) -> None:
    path = desk.write_stories(captures)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        moments = random_moments(4)
        for share in moments:
            wait_for_share(desk, share, captures)
            kill_one_child(workers)
        killed = time.monotonic()

        desk.wait_finished(captures, within_s=900)
    finally:
        workers.stop()

    account(desk, "F1 a child of the pool is killed", captures, len(moments), killed)


def test_killed_workers_lose_and_double_nothing(
    desk: Any,
    captures: int,
    account: Callable[..., None],
    wait_for_share: Callable[..., None],
    reconcile_until_finished: Callable[..., Any],
) -> None:
    path = desk.write_stories(captures)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        moments = random_moments(3)
        for share in moments:
            wait_for_share(desk, share, captures)
            kill_all(workers)
            workers = desk.workers()
        killed = time.monotonic()

        reconcile_until_finished(desk, captures)
    finally:
        workers.stop()

    account(desk, "F5 the whole worker is killed", captures, len(moments), killed)


def test_a_killed_redis_loses_and_doubles_nothing(
    desk: Any,
    captures: int,
    account: Callable[..., None],
    wait_for_share: Callable[..., None],
    reconcile_until_finished: Callable[..., Any],
) -> None:
    path = desk.write_stories(captures)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        moments = random_moments(2)
        for share in moments:
            wait_for_share(desk, share, captures)
            server = redis_server.find(desk.settings.redis_dir)
            assert server is not None
            os.kill(server.pid, signal.SIGKILL)
            killed = time.monotonic()
            time.sleep(2)  # the outage itself
            redis_server.start(desk.settings.redis_dir, maxmemory_mb=256)

        reconcile_until_finished(desk, captures)
    finally:
        workers.stop()

    account(desk, "F8 Redis is killed and comes back", captures, len(moments), killed)


def test_an_emptied_redis_is_refilled_from_the_ledger(desk: Any, reconcile_until_finished: Callable[..., Any]) -> None:
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
    assert len({row["url"] for row in desk.stored()}) == len(desk.stored()) == 200


def random_moments(count: int) -> list[float]:
    """Shares of the work done at which to kill: anywhere but the very end."""
    return sorted(random.uniform(0.02, 0.85) for _ in range(count))


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_one_child(workers: Workers) -> None:
    os.kill(random.choice(children_of(workers.pids["worker"])), signal.SIGKILL)


def kill_all(workers: Workers) -> None:
    os.killpg(workers.pids["worker"], signal.SIGKILL)
    workers.stop()
