"""F10, F16, F17: Redis is full or refuses to write, queues are full, many retries wait."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from worker.app import PRIORITY_STEPS, create, send
from worker.cli.workers import Workers
from worker.errors import CopydeskError
from worker.state import redis_server
from worker.state.backlog import Backlog
from worker.state.ledger import open_ledger

pytestmark = pytest.mark.fault

CHUNK = 512  # captures a producer publishes together
MORE_MB = 60  # what a worker may grow by; its 5,000 retries at once would be more


def test_a_full_redis_loses_nothing_and_a_worker_that_starts_meanwhile_is_started_again(trial: Any) -> None:
    desk = trial.desk
    client = redis_server.connect(desk.settings.broker.url)
    with trial.at_work():
        for number in range(3):
            trial.wait_for(0.1 + 0.2 * number)
            client.config_set("maxmemory", int(client.info("memory")["used_memory"]) // 2)
            second = Workers(desk.settings)
            second.start(processes=1, beat=False, log=desk.folder / "second.log")
            try:
                time.sleep(6)  # so long it is full
                client.config_set("maxmemory", "256mb")
                trial.struck()
                second.wait_ready()
            except CopydeskError:  # it gave up, as Celery does: its supervisor starts it again
                second = desk.workers(1)
            finally:
                second.stop()
        trial.reconcile()

    trial.account("F10 Redis is full")


def test_a_redis_that_becomes_a_replica_for_a_while_loses_nothing(trial: Any) -> None:
    client = redis_server.connect(trial.desk.settings.broker.url)
    with trial.at_work():
        for number in range(3):
            trial.wait_for(0.1 + 0.2 * number)
            client.replicaof("127.0.0.1", "1")  # nobody there: it keeps its data and refuses to write
            time.sleep(5)
            client.replicaof("NO", "ONE")
            trial.struck()
        trial.reconcile()

    assert trial.ended is None
    trial.account("F10 Redis is read-only")


def test_a_fast_producer_never_overfills_the_queues_of_slow_workers(
    make_desk: Callable[..., Any], captures: int, trial_of: Callable[..., Any]
) -> None:
    high = 10 * 64
    desk = make_desk(producer=f"high_water = {high}\nlow_water = {high // 2}")
    trial = trial_of(desk)
    settings = desk.settings
    broker = settings.broker
    backlog = Backlog(broker.url, settings.queues, prefix=broker.key_prefix, steps=PRIORITY_STEPS)
    seen, running = [0], True

    def look() -> None:
        while running:
            seen.append(backlog.size().queues["normalize"])
            time.sleep(0.01)

    looking = threading.Thread(target=look)
    looking.start()
    workers = desk.workers()
    try:
        command = [sys.executable, "-m", "worker", "enqueue", str(desk.write_stories(captures))]
        subprocess.run(command, env=desk.environment(), check=True, capture_output=True, timeout=500)
        trial.begin()
        trial.finish()
    finally:
        running = False
        looking.join()
        workers.stop()

    assert max(seen) * settings.pipeline.batch_items <= high + CHUNK
    trial.account("F16 a producer faster than its workers")


def test_many_retries_that_wait_leave_the_worker_small(trial: Any, captures: int) -> None:
    desk = trial.desk
    desk.run("enqueue", str(desk.write_stories(captures)))
    redis_server.connect(desk.settings.broker.url).flushall()
    ledger = open_ledger(desk.settings.ledger_url)
    items = ledger.unfinished(datetime.now(UTC), captures)
    ledger.close()
    app = create(desk.settings, role="producer")
    workers = desk.workers()
    try:
        before_mb = resident_mb(workers.pids["worker"])
        for item in items:  # each alone, as what failed alone comes again
            send(app, "normalize", [item], countdown_s=5, tries=1)
        trial.begin()
        sizes_mb = [before_mb]
        trial.finish(lambda: sizes_mb.append(resident_mb(workers.pids["worker"])))
    finally:
        workers.stop()

    assert max(sizes_mb) < before_mb + MORE_MB
    trial.account("F17 all captures are retries with a countdown")


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
