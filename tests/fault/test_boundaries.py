"""F2, F3, F12: processes die at every step boundary, a capture kills whole workers, memory runs out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.fault

# What a batch leaves behind, in order; a process that ends right after one of these has done it and not yet said so.
BOUNDARIES = (
    "RedisAttempts.begin",
    "RedisStories.claim",
    "FolderSpool.put_many",
    "SqlLedger.route",
    "RedisStories.confirm",
    "run.send",
    "SqliteSink.write",
    "SqlLedger.receive",
    "RedisAttempts.done",
    "Parcels.drop",
)
DEATHS = 3  # at each
DYING = """
import importlib, os, pathlib, random
from worker.sinks.sqlite import SqliteSink
from worker.state.attempts import RedisAttempts
from worker.state.ledger.sql_ledger import SqlLedger
from worker.state.parcels import Parcels
from worker.state.spool.folder import FolderSpool
from worker.state.stories.redis_index import RedisStories

run = importlib.import_module("worker.tasks.run")  # the name in its package is a function

class Plug(SqliteSink):
    pass

PLUG, PARENT = pathlib.Path(os.environ["PLUG"]), os.getpid()

def end_after(owner, name):
    whole = getattr(owner, name)
    mark = f"{owner.__name__.split('.')[-1]}.{name}"

    def call(*args, **kwargs):
        result = whole(*args, **kwargs)
        if os.getpid() != PARENT and random.random() < 0.25:
            for left in PLUG.glob(f"{mark}.*"):
                left.unlink()
                os._exit(1)
        return result

    setattr(owner, name, call)

for owner in (RedisAttempts, RedisStories, FolderSpool, SqlLedger, run, SqliteSink, Parcels):
    for name in ("begin", "claim", "put_many", "route", "confirm", "send", "write", "receive", "done", "drop"):
        if owner.__dict__.get(name) is not None and (owner is not SqlLedger or name in ("route", "receive")):
            end_after(owner, name)
"""
KILLS_WORKERS = """
import os, signal
from worker.sinks.sqlite import SqliteSink

class Plug(SqliteSink):
    def write(self, items):
        if any("deadly" in (item.article.article.headline or "") for item in items):
            os.killpg(os.getpgid(0), signal.SIGKILL)
        return super().write(items)
"""
OUT_OF_MEMORY = """
from worker.pipeline import Pipeline
from worker.sinks.sqlite import SqliteSink as Plug

makers_of = Pipeline.makers_of

def hungry(self, captures, now=None):
    def none_left():
        raise MemoryError
    makers = makers_of(self, captures, now)
    return [none_left if "deadly" in (c.url or "") else make for (c, _), make in zip(captures, makers, strict=True)]

Pipeline.makers_of = hungry
"""
DEADLY = {"url": "https://town.example/deadly", "text": "A deadly headline of four words\n\n" + "It rained on. " * 40}


def test_processes_that_end_behind_every_step_lose_and_double_nothing(
    plugged: Callable[..., Any], trial_of: Callable[..., Any]
) -> None:
    trial = trial_of(plugged(DYING))
    marks = [trial.desk.folder / "plug" / f"{name}.{n}" for name in BOUNDARIES for n in range(DEATHS)]
    for mark in marks:
        mark.touch()
    with trial.at_work():
        trial.reconcile()
        left = [mark.name for mark in marks if mark.exists()]
        # So many ends may meet one capture three times: it is in quarantine then, and goes on when the cause is gone.
        for mark in marks:
            mark.unlink(missing_ok=True)
        trial.desk.run("quarantine", "replay", "--all")
        trial.reconcile()

    assert {name for name in BOUNDARIES if f"{name}.0" in left and f"{name}.1" in left and f"{name}.2" in left} == set()
    trial.account("F12 a process ends behind each of ten steps", strikes=len(marks) - len(left))


def test_a_capture_that_kills_whole_workers_is_quarantined_alone(
    plugged: Callable[..., Any], figures: Callable[..., None]
) -> None:
    desk = plugged(KILLS_WORKERS)
    path = with_a_deadly_one(desk, 31)
    desk.run("enqueue", str(path))
    starts, finished = 0, False
    began = time.monotonic()
    while not finished and starts <= desk.settings.pipeline.max_attempts + 1:
        workers = desk.workers()
        starts += 1
        while workers.ended() is None and not finished:
            finished = sum(desk.counts().states.get(end, 0) for end in ("stored", "quarantined")) == 32
            time.sleep(0.1)
        workers.stop()

    assert desk.counts().states == {"stored": 31, "quarantined": 1}
    (item,) = [json.loads(line) for line in desk.run("quarantine", "list", "--json").stdout.splitlines()]
    assert item["reason"] == "kills_its_process"
    assert item["attempts"] == desk.settings.pipeline.max_attempts
    figures(
        "F2 a capture kills whole workers (quarantined alone)",
        captures=32, kills=starts - 1, lost=0, doubled=0, recovered_s=time.monotonic() - began,
    )  # fmt: skip


def test_a_capture_that_takes_all_memory_is_quarantined_and_its_worker_lives(plugged: Callable[..., Any]) -> None:
    desk = plugged(OUT_OF_MEMORY)
    path = with_a_deadly_one(desk, 31)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        counts = desk.wait_finished(32)
        desk.run("enqueue", str(desk.write_stories(1, "next.jsonl", start=100)))
        desk.wait_finished(33)
        ended = workers.ended()
    finally:
        workers.stop()

    assert ended is None
    assert counts.states == {"stored": 31, "quarantined": 1}
    (item,) = [json.loads(line) for line in desk.run("quarantine", "list", "--json").stdout.splitlines()]
    assert "memory" in item["reason"] + item["detail"]


def with_a_deadly_one(desk: Any, others: int) -> Path:
    path: Path = desk.write_stories(others)
    with path.open("a") as out:
        out.write(json.dumps(DEADLY) + "\n")
    return path
