"""`copydesk watch`, as a process: files arrive, half-written ones wait, a kill loses and doubles nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from worker.state.ledger import open_ledger

pytestmark = pytest.mark.integration


@contextmanager
def watching(desk: Any, folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "worker", "watch", str(folder), "--every", "0.1", *options],
        env=desk.environment(),
        stderr=subprocess.PIPE,
    )
    assert child.stderr is not None
    assert child.stderr.readline().startswith(b"watching ")
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def until(holds: Callable[[], bool], within_s: float = 30.0) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def accepted(desk: Any) -> int:
    return sum(desk.counts().states.values())


def test_files_there_and_files_moved_in_are_taken_and_a_kill_changes_nothing(desk: Any) -> None:
    folder = desk.folder / "incoming"
    folder.mkdir()
    desk.write_stories(20).rename(folder / "first.jsonl")
    with watching(desk, folder, "--settle", "0.3", "--source", "crawler"):
        until(lambda: accepted(desk) == 20)
        desk.write_stories(30, start=20).rename(folder / "second.jsonl")
        until(lambda: accepted(desk) == 50)

    with watching(desk, folder, "--settle", "0.3", "--source", "crawler") as child:
        desk.write_stories(1, start=90).rename(folder / "third.jsonl")
        until(lambda: accepted(desk) == 51)
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
        assert child.stderr is not None
        said = child.stderr.read().decode()

    assert "1 record read: 1 enqueued" in said  # the other files were known
    ledger = open_ledger(desk.settings.ledger_url)
    found = ledger.trace("https://town.example/90")
    ledger.close()
    assert found is not None
    assert found.capture is not None
    assert (found.capture.source, found.capture.origin.location) == ("crawler", str(folder / "third.jsonl"))


def test_a_file_that_is_being_written_waits_for_its_end(desk: Any) -> None:
    folder = desk.folder / "incoming"
    folder.mkdir()
    lines = desk.write_stories(12).read_bytes()
    pieces = [lines[at : at + 500] for at in range(0, len(lines), 500)]
    early = []
    with watching(desk, folder, "--settle", "3"):
        (folder / "draft.jsonl.part").write_bytes(lines[:700])
        with (folder / "slow.jsonl").open("wb") as out:
            for piece in pieces:
                out.write(piece)
                out.flush()
                early.append(accepted(desk))
                time.sleep(0.1)  # the writer's pace
        until(lambda: accepted(desk) == 12)

    assert set(early) == {0}
    assert desk.run("quarantine", "list", "--json").stdout == ""  # no line was read in halves
