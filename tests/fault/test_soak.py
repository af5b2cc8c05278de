"""What only shows after a while: memory over many captures, Flower that went away, a worker that has nothing to do."""

from __future__ import annotations

import importlib.util
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from worker.models import TERMINAL_STATES
from worker.state import redis_server

MORE_MB_AT_MOST = 20.0  # what a process may grow by once it is warm, over however many captures
WARM = 0.3  # share of the captures until caches and allocators are full
IDLE_S = 60.0
IDLE_SHARE = 0.01  # of one core, all processes of a worker together
START_S = 3.0  # of a quiet core, where the yardstick takes YARDSTICK_S
YARDSTICK_S = 1.27 if importlib.util.find_spec("flower") else 0.72  # Celery's command imports Flower where it is there


@pytest.mark.soak
def test_memory_of_a_worker_is_flat_over_many_captures(desk: Any) -> None:
    """SOAK_CAPTURES says over how many; SOAK_SLOPE names a file to which the figures are added."""
    total = int(os.environ.get("SOAK_CAPTURES", "200000"))
    path = desk.write_stories(total)
    workers = desk.workers()
    command = [sys.executable, "-m", "worker", "enqueue", str(path)]
    enqueue = subprocess.Popen(command, env=desk.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    parent: list[tuple[float, float]] = []
    child: list[tuple[float, float]] = []
    done, began = 0, time.monotonic()
    try:
        while done < total and workers.ended() is None:
            assert time.monotonic() - began < 0.2 * total + 120, f"{done} of {total} after so long"
            done = sum(n for state, n in desk.counts().states.items() if state in TERMINAL_STATES)
            top, *children = tree(workers.pids["worker"])
            if done >= WARM * total:
                parent.append((done, resident_mb(top)))
                child.append((done, statistics.mean(resident_mb(one) for one in children)))
            time.sleep(1)
    finally:
        enqueue.kill()
        enqueue.wait()
        workers.stop()

    slopes = {"parent": slope(parent) * 1e5, "child": slope(child) * 1e5}
    tenths = child[:: max(1, len(child) // 10)]
    print("child, MB by captures: " + ", ".join(f"{at:,.0f}: {mb:.1f}" for at, mb in tenths))
    line = f"{total:,} captures in {time.monotonic() - began:.0f} s: parent {parent[-1][1]:.0f} MB"
    line += f" {slopes['parent']:+.1f} MB, child {child[-1][1]:.0f} MB {slopes['child']:+.1f} MB a 100,000 captures"
    print(line)
    if (told := os.environ.get("SOAK_SLOPE")) is not None:
        with Path(told).open("a") as out:
            out.write(line + "\n")
    assert workers.ended() is not None  # stopped by us, above
    assert done == total
    assert max(slopes.values()) * (1 - WARM) * total / 1e5 < MORE_MB_AT_MOST, line


@pytest.mark.fault
def test_a_flower_that_goes_away_under_load_leaves_nothing_that_grows(desk: Any, captures: int) -> None:
    pytest.importorskip("flower")
    client = redis_server.connect(desk.settings.broker.url)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(desk.write_stories(captures)))
        workers.start_flower(free_port(), log=desk.folder / "flower.log")
        until = time.monotonic() + 60
        while not subscribed(client) and time.monotonic() < until:
            time.sleep(0.1)
        assert subscribed(client), (desk.folder / "flower.log").read_text()[-2000:]
        os.killpg(workers.pids["flower"], signal.SIGKILL)
        desk.wait_finished(captures, within_s=900)
        gone = time.monotonic()
        while left(client) and time.monotonic() - gone < 70:
            time.sleep(1)
        remains = left(client)
    finally:
        workers.stop()

    assert remains == {}


@pytest.mark.fault
def test_an_idle_worker_leaves_the_processor_alone(desk: Any) -> None:
    workers = desk.workers()
    try:
        desk.run("enqueue", str(desk.write_stories(1)))
        desk.wait_finished(1)
        time.sleep(3)  # what the one task left to do
        pids = tree(workers.pids["worker"])
        before, since = [cpu_s(pid) for pid in pids], time.monotonic()
        time.sleep(IDLE_S)  # what is measured
        share = (sum(map(cpu_s, pids)) - sum(before)) / (time.monotonic() - since)
    finally:
        workers.stop()

    print(f"idle: {share:.2%} of a core")
    assert share < IDLE_SHARE


@pytest.mark.fault
def test_the_first_task_is_done_soon_after_the_start(desk: Any) -> None:
    """By the processor time of those that the first article waits for, the parent and one child: what others do on the
    machine must not count. The yardstick beside it tells how fast its cores are just now."""
    desk.run("enqueue", str(desk.write_stories(1)))
    before = yardstick_s()
    began = time.monotonic()
    workers = desk.workers()
    try:
        desk.wait_finished(1)
        took_s = time.monotonic() - began
        parent, *children = map(cpu_s, tree(workers.pids["worker"]))
    finally:
        workers.stop()
    slowness = statistics.mean((before, yardstick_s())) / YARDSTICK_S
    path_s = parent + max(children)

    print(
        f"start to first article stored: {took_s:.2f} s, of it {path_s:.2f} s of processor;"
        f" {path_s / slowness:.2f} s on a quiet core"
    )
    assert path_s / slowness < START_S


def yardstick_s() -> float:
    """Processor seconds of `celery --version`, which imports much and does nothing, as most of a start does."""
    before = os.times()
    subprocess.run([sys.executable, "-m", "celery", "--version"], check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def slope(points: list[tuple[float, float]]) -> float:
    return statistics.linear_regression([x for x, _ in points], [y for _, y in points]).slope


def tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in tree(int(child)))]


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def subscribed(client: Any) -> bool:
    return any("celeryev" in pattern_or_name for pattern_or_name in event_names(client))


def event_names(client: Any) -> list[str]:
    return [key.decode() for key in client.scan_iter("*celeryev*")]


def left(client: Any) -> dict[str, int]:
    """Event queues that hold anything."""
    lists = [name for name in event_names(client) if client.type(name) == b"list"]
    return {name: client.llen(name) for name in lists if client.llen(name)}
