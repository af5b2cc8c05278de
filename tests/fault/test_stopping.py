"""F4, F6: a worker is told to stop in the middle of a task; a task takes longer than a message may stay out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from worker.state import redis_server

pytestmark = pytest.mark.fault

STOPS_WITHIN_S = 45.0  # worker.grace_s: what supervisors wait before they kill


def test_sigterm_in_a_long_task_hands_it_back_in_time_and_it_is_blamed_for_no_restart(
    slow_desk: Callable[..., Any], begun: Callable[..., list[int]], figures: Callable[..., None]
) -> None:
    desk = slow_desk(60)
    client = redis_server.connect(desk.settings.broker.url)
    desk.run("enqueue", str(desk.write_stories(1)))
    stops = desk.settings.pipeline.max_attempts + 1
    took_s, unacked = [], []
    for number in range(stops):
        with supervised(desk) as worker:
            begun(desk, number + 1)
            told = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            worker.wait(STOPS_WITHIN_S)
            took_s.append(time.monotonic() - told)
            unacked.append(client.hlen("copydesk:unacked"))
    (desk.folder / "plug" / "go").touch()
    began = time.monotonic()
    with supervised(desk):
        counts = desk.wait_finished(1)
        recovered_s = time.monotonic() - began

    assert max(took_s) < STOPS_WITHIN_S
    assert unacked == [0] * stops
    assert counts.states == {"stored": 1}
    figures("F4 SIGTERM in a long task", captures=1, kills=stops, lost=0, doubled=0, recovered_s=recovered_s)


def test_a_task_slower_than_the_visibility_timeout_runs_twice_and_stores_once(
    slow_desk: Callable[..., Any], begun: Callable[..., list[int]], figures: Callable[..., None]
) -> None:
    desk = slow_desk(16)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(desk.write_stories(1)))
        pids = begun(desk, 2)
        seen = time.monotonic()
        counts = desk.wait_finished(1)
    finally:
        workers.stop()

    assert desk.settings.broker.visibility_timeout_s < 16
    assert len(set(pids)) == 2
    assert counts.states == {"stored": 1}
    assert counts.deliveries["articles"] == {"done": 1}
    assert len(desk.stored()) == 1
    figures(
        "F6 a task slower than the visibility timeout",
        captures=1, kills=1, lost=0, doubled=0, recovered_s=time.monotonic() - seen,
    )  # fmt: skip


@contextmanager
def supervised(desk: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as systemd or Kubernetes start it."""
    command = [sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-Q", ",".join(desk.settings.queues)]
    with (desk.folder / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            [*command, "--concurrency", "2", "--without-gossip", "--without-mingle"],
            env=desk.environment() | {"REMAP_SIGTERM": "SIGQUIT"},
            cwd=desk.folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield worker
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
