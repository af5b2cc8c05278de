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


def test_killed_children_lose_and_double_nothing(trial: Any) -> None:
    with trial.at_work():
        for share in random_moments(4):
            trial.wait_for(share)
            kill_one_child(trial.workers)
            trial.struck()
        trial.finish()

    trial.account("F1 a child of the pool is killed")


def test_killed_workers_lose_and_double_nothing(trial: Any) -> None:
    with trial.at_work():
        for share in random_moments(3):
            trial.wait_for(share)
            kill_all(trial.workers)
            trial.workers = trial.desk.workers()
            trial.struck()
        trial.reconcile()

    trial.account("F5 the whole worker is killed")


def test_a_killed_redis_loses_and_doubles_nothing(trial: Any) -> None:
    folder = trial.desk.settings.redis_dir
    with trial.at_work():
        for share in random_moments(2):
            trial.wait_for(share)
            server = redis_server.find(folder)
            assert server is not None
            os.kill(server.pid, signal.SIGKILL)
            trial.struck()
            time.sleep(2)  # the outage itself
            redis_server.start(folder, maxmemory_mb=256)
        trial.reconcile()

    trial.account("F8 Redis is killed and comes back")


def test_an_emptied_redis_is_refilled_from_the_ledger(trial_of: Callable[..., Any], desk: Any) -> None:
    trial = trial_of(desk, 200)
    desk.run("enqueue", str(desk.write_stories(200)))
    redis_server.connect(desk.settings.broker.url).flushall()
    workers = desk.workers()
    try:
        trial.reconcile()
    finally:
        workers.stop()

    assert desk.counts().states == {"stored": 200}
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
