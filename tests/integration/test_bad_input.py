"""What is broken gets one clear line naming file, record and remedy; the rest goes on; the exit code says it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from worker.state import redis_server

pytestmark = pytest.mark.integration


def test_invalid_json_on_line_17_is_named_and_quarantined_and_the_rest_goes_on(desk: Any) -> None:
    path: Path = desk.write_stories(30)
    lines = path.read_text().splitlines()
    offset = len("\n".join(lines[:16])) + 1
    lines[16] = '{"url": "https://town.example/16", "text": '
    path.write_text("\n".join(lines) + "\n")

    done = desk.run("enqueue", str(path))

    assert done.returncode == 1
    assert "29 enqueued" in done.stdout
    (said,) = [line for line in done.stderr.splitlines() if "record 17" in line]
    assert f"{path}: record 17 (byte {offset})" in said
    listed = desk.run("quarantine", "list", "--json")
    (item,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert item["origin"]["record"] == 17
    assert item["reason"] == "invalid_json"


def test_a_missing_file_is_named_and_the_others_are_read(desk: Any) -> None:
    path = desk.write_stories(3)

    done = desk.run("enqueue", "no-such-file.html", str(path))

    assert done.returncode == 1
    assert "no-such-file.html: No such file or directory" in done.stderr
    assert "3 enqueued" in done.stdout


def test_redis_away_is_one_clear_line(desk: Any) -> None:
    path = desk.write_stories(3)

    done = desk.run("enqueue", str(path), COPYDESK_BROKER__URL="redis://127.0.0.1:1/0")

    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("copydesk: ")
    assert "Redis" in done.stderr or "broker" in done.stderr


def test_a_wrong_key_names_file_and_key(desk: Any, tmp_path: Path) -> None:
    config = tmp_path / "config"
    assert desk.run("init", str(config)).returncode == 0
    settings = config / "settings.toml"
    settings.write_text(settings.read_text().replace("batch_items", "batch_itmes"))

    done = desk.run("check", "--config", str(config), COPYDESK_PROFILE="")

    assert done.returncode == 2
    assert done.stderr.strip() == f"copydesk: {settings}: pipeline.batch_itmes: no such key"


def test_a_route_to_a_missing_sink_names_the_sinks_there_are(desk: Any, tmp_path: Path) -> None:
    config = tmp_path / "config"
    desk.run("init", str(config))
    routes = config / "routes.toml"
    routes.write_text('[[routes]]\nname = "all"\nsinks = ["lake"]\n')

    done = desk.run("check", "--config", str(config), COPYDESK_PROFILE="")

    assert done.returncode == 2
    assert "route 'all' names sink 'lake'; configured: articles, stream" in done.stderr


def test_dry_run_reads_and_enqueues_nothing(desk: Any) -> None:
    path = desk.write_stories(5)

    done = desk.run("enqueue", "--dry-run", "--json", str(path))

    assert json.loads(done.stdout)["read"] == 5
    assert desk.counts().states == {}


def test_limit_stops_after_so_many_records(desk: Any) -> None:
    path = desk.write_stories(5)

    done = desk.run("enqueue", "--limit", "2", "--json", str(path))

    assert json.loads(done.stdout)["accepted"] == 2


def test_stdin_is_a_location(desk: Any) -> None:
    path: Path = desk.write_stories(4)

    done = desk.run("enqueue", "--json", "-", stdin=path.read_bytes())

    assert json.loads(done.stdout)["accepted"] == 4


def test_a_full_redis_makes_the_producer_wait_and_say_so_and_nothing_is_lost(desk: Any) -> None:
    path = desk.write_stories(300)
    client = redis_server.connect(desk.settings.broker.url)
    used = int(client.info("memory")["used_memory"])
    client.config_set("maxmemory", used + 1024)

    command = [sys.executable, "-m", "worker", "enqueue", str(path)]
    enqueue = subprocess.Popen(
        command, env=desk.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert enqueue.stderr is not None
    said = enqueue.stderr.readline()
    client.config_set("maxmemory", "256mb")
    out, _ = enqueue.communicate(timeout=60)

    assert said.startswith("copydesk: waiting: Redis uses")
    assert enqueue.returncode == 0
    assert "300 enqueued" in out
    assert desk.counts().states == {"accepted": 300}
