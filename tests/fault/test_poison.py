"""A capture that kills the process that works on it ends alone in quarantine; its batch mates are stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.fault

# A sink that dies of one article.
SINK = """
import os, signal
from worker.sinks.sqlite import SqliteSink

class Plug(SqliteSink):
    def write(self, items):
        for item in items:
            if "deadly" in (item.article.article.headline or ""):
                os.kill(os.getpid(), signal.SIGKILL)
        return super().write(items)
"""


@pytest.fixture
def deadly_desk(plugged: Callable[..., Any]) -> Any:
    return plugged(SINK)


def test_a_poison_article_is_quarantined_at_its_third_attempt_and_its_batch_mates_are_stored(deadly_desk: Any) -> None:
    desk = deadly_desk
    path: Path = desk.write_stories(31)
    poison = {
        "url": "https://town.example/deadly",
        "text": "A deadly headline of four words\n\n" + "It rained on. " * 40,
    }
    with path.open("a") as out:
        out.write(json.dumps(poison) + "\n")
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        counts = desk.wait_finished(32, within_s=120)
    finally:
        workers.stop()

    assert counts.states == {"stored": 31, "quarantined": 1}
    (item,) = [json.loads(line) for line in desk.run("quarantine", "list", "--json").stdout.splitlines()]
    assert item["reason"] == "kills_its_process"
    assert item["stage"] == "deliver"
    assert item["attempts"] == desk.settings.pipeline.max_attempts
    assert "WorkerLostError" in item["detail"]


def test_an_article_that_is_mended_is_replayed_from_quarantine(deadly_desk: Any) -> None:
    desk = deadly_desk
    path: Path = desk.folder / "one.jsonl"
    path.write_text(json.dumps({"text": "A deadly headline of four words\n\n" + "It rained on. " * 40}) + "\n")
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        desk.wait_finished(1, within_s=120)
    finally:
        workers.stop()
    (desk.folder / "plug" / "plug_sink.py").write_text("from worker.sinks.sqlite import SqliteSink as Plug\n")
    workers = desk.workers()
    try:
        replayed = desk.run("quarantine", "replay", "--all")
        desk.wait_finished(1)
    finally:
        workers.stop()

    assert replayed.returncode == 0, replayed.stderr
    assert desk.counts().states == {"stored": 1}
    assert desk.run("quarantine", "list", "--json").stdout == ""
