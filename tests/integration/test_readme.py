"""Every command of the README is run here, in the order in which it stands there."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.S)
    for line in block.splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader stands: with captures of his own and the checkout's samples beside him."""
    folder = tmp_path_factory.mktemp("r")
    (folder / "captures").mkdir()
    story = "Council approves budget\n\n" + "The council of a town in Kenya approved its budget on Tuesday. " * 8
    front = "---\nurl: https://town.example/story\ncaptured_at: 2026-01-02T03:04:05Z\n---\n"
    (folder / "captures" / "story.txt").write_text(front + story)
    other = {
        "url": "https://town.example/2",
        "text": "Rain over Lima\n\n" + "It rained in Lima, Peru, until noon. " * 8,
    }
    (folder / "crawl-1.jsonl").write_text(json.dumps(other) + "\n")
    (folder / "worker").symlink_to(ROOT / "worker")
    return folder


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
    programs = Path(sys.executable).parent
    return clean | {"PATH": f"{programs}{os.pathsep}{clean['PATH']}", "COPYDESK_DATA_DIR": str(folder / "data")}


def lines(start: str) -> list[str]:
    found = [line for line in COMMANDS if line.startswith(start)]
    assert found, f"README has no command that starts with {start!r}"
    return found


def run(command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command.replace(".venv/bin/", ""))
    return subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def running(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """`copydesk up`, as the README has it, until the test ends."""
    (command,) = lines("copydesk up")
    log = folder / "up.log"
    with log.open("wb") as out:
        up = subprocess.Popen(shlex.split(command), cwd=folder, env=environment, stdout=out, stderr=out)
        wait(lambda: "copydesk is up" in log.read_text(errors="replace"), log)
        yield
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0, log.read_text(errors="replace")[-2000:]


def wait(holds: Any, log: Path, within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > until:
            pytest.fail(log.read_text(errors="replace")[-3000:])
        time.sleep(0.1)


def test_no_command_of_the_readme_is_left_out() -> None:
    known = (
        "make demo",
        ".venv/bin/copydesk try",
        "copydesk init",
        "copydesk check",
        "copydesk up",
        "copydesk enqueue",
        "copydesk status",
        "copydesk trace",
        ".venv/bin/copydesk search",
        "copydesk search",
        "copydesk export",
        "copydesk routes",
        "copydesk deliveries",
        "copydesk quarantine",
        "copydesk reconcile",
        "export COPYDESK_CONFIG",
        "celery -A worker.app",
    )

    assert [line for line in COMMANDS if not line.startswith(known)] == []


def test_try_answers(folder: Path, environment: dict[str, str]) -> None:
    for command in lines(".venv/bin/copydesk try"):
        done = run(command, folder, environment)

        assert done.returncode == 0, done.stderr
        assert "Georgia" in done.stdout or "Valparaíso" in done.stdout or '"outcome": "article"' in done.stdout


def test_what_the_demo_stored_is_found(folder: Path, environment: dict[str, str]) -> None:
    assert run("copydesk demo", folder, environment).returncode == 0
    found = [run(command, folder, environment) for command in lines(".venv/bin/copydesk search")]

    assert all(done.returncode == 0 for done in found)
    assert "Townsville" in found[0].stdout
    assert "Valparaíso" in found[1].stdout


def test_the_service_takes_captures_and_tells_of_them(
    folder: Path, environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    for command in (*lines("copydesk init"), *lines("copydesk check")):
        done = run(command, folder, environment)
        assert done.returncode == 0, done.stderr
    request.getfixturevalue("running")

    (enqueue,) = lines("copydesk enqueue")
    enqueued = run(enqueue, folder, environment)
    (status,) = lines("copydesk status")
    wait(lambda: "stored 2" in run(status, folder, environment).stdout, folder / "up.log")
    (trace,) = lines("copydesk trace")
    traced = run(trace, folder, environment)

    assert enqueued.returncode == 0, enqueued.stderr
    assert "2 enqueued" in enqueued.stdout
    assert "Council approves budget" in traced.stdout
    assert "articles: done (stored)" in traced.stdout
    (search,) = lines("copydesk search")
    assert (
        "Council approves budget" in run(search.replace("--since 2w", "--since 2026-01-01"), folder, environment).stdout
    )
    (export,) = lines("copydesk export")
    assert run(export, folder, environment).returncode == 0
    assert (folder / "africa.xml").read_text().count("<entry") == 1
    for command in (*lines("copydesk routes"), *lines("copydesk deliveries")):
        done = run(command, folder, environment)
        assert done.returncode == 0, f"{command}: {done.stderr}"
    for command in (*lines("copydesk quarantine"), *lines("copydesk reconcile")):
        done = run(command, folder, environment)
        assert done.returncode == 0, f"{command}: {done.stderr}"


def says_ready(log: str) -> bool:
    return "ready" in log


def flower_answers(log: str) -> bool:
    """Its banner comes before its threads run, and a SIGTERM in between leaves a thread that nobody ends."""
    address = re.search(r"Visit me at (http://\S+)", log)
    if address is None:
        return False
    try:
        with urllib.request.urlopen(f"{address[1].rstrip('/')}/healthcheck", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_plain_celery_commands_start_a_ready_worker(desk: Any, folder: Path, environment: dict[str, str]) -> None:
    (export,) = lines("export")
    given = dict(pair.split("=", 1) for pair in shlex.split(export)[1:])
    assert given["COPYDESK_BROKER__URL"] == "redis://localhost:6379/0"
    given["COPYDESK_BROKER__URL"] = desk.settings.broker.url
    given["COPYDESK_CONFIG"] = str(desk.settings.config_dir)
    given["COPYDESK_WORKER__SOFT_SHUTDOWN_S"] = "1"  # Celery always sleeps all of it
    for number, command in enumerate(lines("celery")):
        log = desk.folder / f"celery-{number}.log"
        with log.open("wb") as out:
            celery = subprocess.Popen(
                shlex.split(command), cwd=desk.folder, env=environment | given, stdout=out, stderr=out
            )
            holds = flower_answers if "flower" in command else says_ready
            wait(lambda log=log, holds=holds: holds(log.read_text(errors="replace")), log)
            celery.send_signal(signal.SIGTERM)
            celery.wait(60)


def test_the_python_example_runs(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.S)
    for name, value in desk.environment().items():
        monkeypatch.setenv(name, value)

    exec(example.replace('"my-desk"', repr(str(desk.settings.config_dir))))

    assert desk.counts().states == {"accepted": 1}
