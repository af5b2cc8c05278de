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
from worker.models import TERMINAL_STATES
from worker.state import redis_server

pytestmark = pytest.mark.fault

Figures = Callable[..., None]


def test_killed_children_lose_and_double_nothing(desk: Any, captures: int, figures: Figures) -> None:
    path = desk.write_stories(captures)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        moments = random_moments(4)
        for share in moments:
            wait_for_share(desk, share, captures)
            kill_one_child(workers)
        killed = time.monotonic()

        desk.wait_finished(captures, within_s=400)
    finally:
        workers.stop()

    account(desk, figures, "F1 a child of the pool is killed", captures, len(moments), killed)


def test_killed_workers_lose_and_double_nothing(desk: Any, captures: int, figures: Figures) -> None:
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

        reconcile_until_finished(desk, captures, within_s=400)
    finally:
        workers.stop()

    account(desk, figures, "F5 the whole worker is killed", captures, len(moments), killed)


def test_a_killed_redis_loses_and_doubles_nothing(desk: Any, captures: int, figures: Figures) -> None:
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

        reconcile_until_finished(desk, captures, within_s=400)
    finally:
        workers.stop()

    account(desk, figures, "F8 Redis is killed and comes back", captures, len(moments), killed)


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
    assert len({row["url"] for row in desk.stored()}) == len(desk.stored()) == 200


def account(desk: Any, figures: Figures, fault: str, captures: int, kills: int, killed: float) -> None:
    """Each capture is one article in the store: none missing, none twice."""
    recovered_s = time.monotonic() - killed
    urls = [row["url"] for row in desk.stored()]
    lost, doubled = captures - len(set(urls)), len(urls) - len(set(urls))
    figures(fault, captures=captures, kills=kills, lost=lost, doubled=doubled, recovered_s=recovered_s)

    assert (lost, doubled) == (0, 0)
    assert desk.counts().states == {"stored": captures}


def random_moments(count: int) -> list[float]:
    """Shares of the work done at which to kill: anywhere but the very end."""
    return sorted(random.uniform(0.02, 0.85) for _ in range(count))


def wait_for_share(desk: Any, share: float, total: int) -> None:
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
