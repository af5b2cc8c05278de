"""A capture that kills the process that works on it ends alone in quarantine; its batch mates are stored."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.fault

# Installed beside copydesk for this test: a sink, found by its entry point, that dies of one article.
SINK = """
import os, signal
from worker.sinks.sqlite import SqliteSink

class DeadlySink(SqliteSink):
    def write(self, items):
        for item in items:
            if "deadly" in (item.article.article.headline or ""):
                os.kill(os.getpid(), signal.SIGKILL)
        return super().write(items)
"""


@pytest.fixture
def deadly_desk(make_desk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    desk = make_desk()
    plug = desk.folder / "plug"
    (plug / "deadly-1.dist-info").mkdir(parents=True)
    (plug / "deadly_sink.py").write_text(SINK)
    (plug / "deadly-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly\nVersion: 1\n")
    (plug / "deadly-1.dist-info" / "entry_points.txt").write_text("[copydesk.sinks]\ndeadly = deadly_sink:DeadlySink\n")
    sinks: Path = desk.settings.config_dir / "sinks.toml"
    sinks.write_text('[sinks.articles]\nkind = "deadly"\npath = "{data}/articles.sqlite"\n')
    (desk.settings.config_dir / "routes.toml").write_text('[[routes]]\nname = "all"\nsinks = ["articles"]\n')
    monkeypatch.setenv("PYTHONPATH", str(plug))
    desk.reload()
    return desk


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
    plug = Path(os.environ["PYTHONPATH"])
    (plug / "deadly_sink.py").write_text("from worker.sinks.sqlite import SqliteSink as DeadlySink\n")
    workers = desk.workers()
    try:
        replayed = desk.run("quarantine", "replay", "--all")
        desk.wait_finished(1)
    finally:
        workers.stop()

    assert replayed.returncode == 0, replayed.stderr
    assert desk.counts().states == {"stored": 1}
    assert desk.run("quarantine", "list", "--json").stdout == ""
