"""`copydesk status --watch` shows one picture that changes, on a terminal; one line a look with --json."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from functools import partial
from typing import Any

import pytest
from rich.console import Console

from worker.cli.status import look, record, rendered
from worker.state.ledger import open_ledger

pytestmark = pytest.mark.integration


def shown(desk: Any, **facts: Any) -> str:
    console = Console(width=100)
    with console.capture() as taken:
        console.print(rendered(look(desk.settings), **facts))
    return taken.get()


def test_the_picture_holds_queues_captures_rate_and_parked_sinks(desk: Any) -> None:
    desk.run("enqueue", str(desk.write_stories(3)))
    ledger = open_ledger(desk.settings.ledger_url)
    ledger.strike("articles", threshold=1, pause_s=60)
    ledger.close()

    text = shown(desk, rate=12.5)

    assert re.search(r"queues +normalize 1 · unacknowledged 0", text)
    assert re.search(r"oldest +sent \d+ s ago", text)
    assert re.search(r"captures +accepted 3", text)
    assert "sink articles is parked until" in text
    assert record(look(desk.settings))["captures"] == {"accepted": 3}


def test_a_sink_with_a_long_name_stands_apart_from_its_figures(desk: Any) -> None:
    seen = look(desk.settings)
    counts = seen.counts.model_copy(update={"deliveries": {"articles": {"done": 3}, "analysts-stream": {"waiting": 2}}})
    console = Console(width=100)
    with console.capture() as taken:
        console.print(rendered(seen._replace(counts=counts)))

    rows = [line for line in taken.get().splitlines() if line.startswith("  ")]

    assert [row.split() for row in rows] == [["articles", "done", "3"], ["analysts-stream", "waiting", "2"]]
    assert len({row.index(word) for row, word in zip(rows, ("done", "waiting"), strict=True)}) == 1


def test_on_a_terminal_the_picture_changes_until_it_is_interrupted(desk: Any) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "worker", "status", "--watch", "--every", "0.3"],
        env=desk.environment() | {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        # Whatever a shell starts in the background ignores Ctrl-C, and hands that down to us and from us to it.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no thread runs yet
    )
    os.close(theirs)
    try:
        first = _read_until(ours, "none yet")
        desk.run("enqueue", str(desk.write_stories(3)))
        second = _read_until(ours, "accepted 3")
        process.send_signal(signal.SIGINT)
        code = process.wait(20)
    finally:
        process.kill()
        process.wait(5)
        os.close(ours)

    assert "Ctrl-C ends" in first
    assert "\x1b[" in second  # the picture is drawn over the one before
    assert "captures/s finished" in second
    assert code == 130


def test_with_json_it_is_a_line_a_look(desk: Any) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "worker", "status", "--watch", "--every", "0.3", "--json"],
        env=desk.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        looks = [json.loads(process.stdout.readline()) for _ in range(2)]
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()

    assert [look["broker"]["answers"] for look in looks] == [True, True]
    assert looks[0]["at"] <= looks[1]["at"]


def _read_until(terminal: int, words: str, within_s: float = 60) -> str:
    text = ""
    until = time.monotonic() + within_s
    while words not in text:
        assert time.monotonic() < until, text[-2000:]
        if select.select([terminal], [], [], 0.2)[0]:
            text += os.read(terminal, 65536).decode(errors="replace")
    return text
