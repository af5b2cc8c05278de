"""Captures go in by the command line; real Redis and real worker processes; articles lie in the stores."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]


def test_every_capture_ends_in_the_store_or_in_the_ledger(desk: Any) -> None:
    path = desk.write_stories(100)
    workers = desk.workers()
    try:
        done = desk.run("enqueue", str(path), "--json")

        counts = desk.wait_finished(100)
    finally:
        workers.stop()

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accepted"] == 100
    assert counts.states == {"stored": 100}
    assert len(desk.stored()) == 100


def test_a_ledger_in_postgresql_serves_as_well(desk: Any, postgres_url: str) -> None:
    settings = desk.settings.config_dir / "settings.toml"
    settings.write_text(settings.read_text().replace('[ledger]\nurl = ""', f'[ledger]\nurl = "{postgres_url}"'))
    desk.reload()
    path = desk.write_stories(40)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        counts = desk.wait_finished(40)
        again = desk.run("enqueue", str(path), "--force", "--json")
    finally:
        workers.stop()

    assert counts.states == {"stored": 40}
    assert len(desk.stored()) == 40
    assert json.loads(again.stdout)["repeats"] == 40


def test_a_worker_shows_that_it_lives_until_it_stops(desk: Any) -> None:
    workers = desk.workers(1)
    try:
        living = sorted(path.name for path in (desk.folder / "run").glob("*/*"))
    finally:
        workers.stop()

    assert living == ["alive", "ready"]
    assert not list((desk.folder / "run").glob("*/*"))


def test_a_worker_that_a_large_program_starts_begins_all_the_same(desk: Any) -> None:
    settings = desk.settings.config_dir / "settings.toml"
    limit = "max_memory_per_child_mb = "
    said = settings.read_text()
    now = int(said.partition(limit)[2].split()[0])
    large = bytearray(now * 2**20)  # above what a child may hold

    workers = desk.workers(1)
    workers.stop()

    assert len(large) == now * 2**20


def test_enqueueing_twice_leaves_one_article(desk: Any) -> None:
    path = desk.write_stories(40)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        desk.wait_finished(40)

        again = desk.run("enqueue", "--force", str(path), "--json")
    finally:
        workers.stop()

    assert json.loads(again.stdout) | {"bytes": 0} == {
        "read": 40,
        "accepted": 0,
        "repeats": 40,
        "broken": 0,
        "unreadable": 0,
        "remarks": 0,
        "references": 0,
        "resumed": 0,
        "bytes": 0,
        "messages": 0,
        "dry_run": False,
    }
    assert len(desk.stored()) == 40


def test_staged_and_fused_give_the_same_articles(make_desk: Callable[..., Any]) -> None:
    found = []
    for segments in ({}, {"pipeline": 'segments = [["normalize", "deduplicate", "classify", "route"]]'}):
        desk = make_desk(**segments)
        path = desk.write_stories(50)
        workers = desk.workers()
        try:
            desk.run("enqueue", str(path))
            desk.wait_finished(50)
        finally:
            workers.stop()
        found.append([(row["article_id"], row["headline"]) for row in desk.stored()])

    assert found[0] == found[1]
    assert len(found[0]) == 50


def test_plain_celery_and_flower_work_and_show_no_text(desk: Any) -> None:
    queues = ",".join(desk.settings.queues)
    env = desk.environment() | {"REMAP_SIGTERM": "SIGQUIT", "FLOWER_UNAUTHENTICATED_API": "true"}
    celery = [sys.executable, "-m", "celery", "-A", "worker.app"]
    log = (desk.folder / "plain.log").open("wb")
    worker = subprocess.Popen([*celery, "worker", "-Q", queues, "-c", "1"], env=env, stdout=log, stderr=log)
    port = 20000 + os.getpid() % 20000
    flower = subprocess.Popen(
        [*celery, "flower", f"--port={port}", "--address=127.0.0.1"], env=env, stdout=log, stderr=log
    )
    try:
        until_answers(f"http://127.0.0.1:{port}/api/workers")

        desk.run("enqueue", str(desk.write_stories(20)))
        desk.wait_finished(20)
        tasks = until(lambda: finished_tasks(port), lambda found: len({t["name"] for t in found}) == 5)
    finally:
        for child in (flower, worker):
            child.send_signal(signal.SIGTERM)
            child.wait(30)
        log.close()

    names = {task["name"] for task in tasks}
    assert names == {f"worker.{stage}" for stage in ("normalize", "deduplicate", "classify", "route", "deliver")}
    shown = {task["args"] for task in tasks}
    assert any("20 captures, first " in args for args in shown)
    assert all(len(args) < 80 and "council" not in args.lower() for args in shown)


def finished_tasks(port: int) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/tasks?limit=200", timeout=10) as answer:
        tasks: dict[str, dict[str, Any]] = json.load(answer)
    return list(tasks.values())


def until_answers(url: str) -> None:
    def asked() -> bool:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            return False
        return True

    until(asked, bool)


def until(ask: Callable[[], Any], enough: Callable[[Any], bool], within_s: float = 40.0) -> Any:
    """What `ask` answers once it is enough; the last answer after `within_s` seconds."""
    end = time.monotonic() + within_s
    while True:
        answer = ask()
        if enough(answer) or time.monotonic() > end:
            return answer
        time.sleep(0.2)
