"""How large the faults are, how they are made, and what they cost: figures that `make fault` writes into docs/faults.md."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from worker.models import TERMINAL_STATES

HEAD = """# Faults survived

Written by `make fault`, never by hand. A row is the last run of its fault: real Redis, real worker processes, faults at
random moments. *Lost*: captures without the end they should have (stored, unless the row says otherwise). *Doubled*:
articles that stand in the SQLite store more than once. *Recovered*: seconds from the last fault until every capture had
its end, so it grows with the work left. Two shared cores, other work beside it.

| Fault | Captures | Faults | Lost | Doubled | Recovered (s) | Date |
|---|--:|--:|--:|--:|--:|---|
"""
WHERE = "## Where each fault is tried"
Figures = Callable[..., None]


@pytest.fixture(scope="session")
def captures() -> int:
    """Captures a fault: `make fault` says 5,000."""
    return int(os.environ.get("FAULT_CAPTURES", "1000"))


@pytest.fixture(scope="session")
def figures() -> Figures:
    """Notes at once what one fault cost. The table is written only where FAULT_TABLE names its file."""

    def note(fault: str, *, captures: int, kills: int, lost: int, doubled: int, recovered_s: float) -> None:
        if (table := os.environ.get("FAULT_TABLE")) is None:
            return
        path = Path(table)
        earlier = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        rows = {line.split("|")[1].strip(): line for line in earlier if re.match(r"\| F\d+ [^|]", line)}
        after = earlier[earlier.index(WHERE) :] if WHERE in earlier else []
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        rows[fault] = f"| {fault} | {captures:,} | {kills} | {lost} | {doubled} | {recovered_s:.0f} | {today} |"
        by_number = sorted(rows, key=lambda name: (int(name.split()[0][1:]), name))
        text = HEAD + "\n".join(rows[name] for name in by_number) + "\n"
        path.write_text(text + ("\n" + "\n".join(after) + "\n" if after else ""), encoding="utf-8")

    return note


@pytest.fixture(scope="session")
def account(figures: Figures) -> Callable[..., None]:
    """Asserts that each capture is one article in the store, none missing and none twice, and notes what it cost."""

    def check(desk: Any, fault: str, captures: int, kills: int, since: float) -> None:
        recovered_s = time.monotonic() - since
        urls = [row["url"] for row in desk.stored()]
        lost, doubled = captures - len(set(urls)), len(urls) - len(set(urls))
        figures(fault, captures=captures, kills=kills, lost=lost, doubled=doubled, recovered_s=recovered_s)

        assert (lost, doubled) == (0, 0)
        assert desk.counts().states == {"stored": captures}

    return check


PATIENCE_S = 150  # without any capture coming to its end


@pytest.fixture(scope="session")
def wait_for_share() -> Callable[[Any, float, int], None]:
    """Returns when so much of the work is done."""

    def wait(desk: Any, share: float, total: int) -> None:
        patience = Patience(desk)
        while patience.finished() < share * total:
            time.sleep(0.02)

    return wait


@pytest.fixture(scope="session")
def reconcile_until_finished() -> Callable[[Any, int], Any]:
    """What beat does every minute, done every few seconds, until every capture has its end."""

    def reconcile(desk: Any, total: int) -> Any:
        patience = Patience(desk)
        while patience.finished() < total:
            time.sleep(2)
            desk.run("reconcile")
        return desk.counts()

    return reconcile


class Patience:
    """Ends a test when nothing moves any more, however slow the machine is."""

    def __init__(self, desk: Any) -> None:
        self._desk, self._most, self._since = desk, -1, time.monotonic()

    def finished(self) -> int:
        """How many captures have their end."""
        counts = self._desk.counts()
        done = sum(n for state, n in counts.states.items() if state in TERMINAL_STATES)
        if done > self._most:
            self._most, self._since = done, time.monotonic()
        elif time.monotonic() - self._since > PATIENCE_S:
            log = self._desk.folder / "worker.log"
            tail = log.read_text()[-3000:] if log.exists() else ""
            pytest.fail(f"nothing moved for {PATIENCE_S} s: {counts.states}\n{tail}")
        return done


@pytest.fixture
def plugged(make_desk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes a desk whose one sink is the class `Plug` of a given source, installed beside copydesk as a package.

    A worker imports its sinks before it forks, so a plug may also change what its children do.
    """

    def plug(source: str, **changes: str) -> Any:
        desk = make_desk(**changes)
        folder: Path = desk.folder / "plug"
        (folder / "plug-1.dist-info").mkdir(parents=True)
        (folder / "plug_sink.py").write_text(source)
        (folder / "plug-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: plug\nVersion: 1\n")
        (folder / "plug-1.dist-info" / "entry_points.txt").write_text("[copydesk.sinks]\nplug = plug_sink:Plug\n")
        (desk.settings.config_dir / "sinks.toml").write_text(
            '[sinks.articles]\nkind = "plug"\npath = "{data}/articles.sqlite"\n'
        )
        (desk.settings.config_dir / "routes.toml").write_text('[[routes]]\nname = "all"\nsinks = ["articles"]\n')
        monkeypatch.setenv("PYTHONPATH", str(folder))
        monkeypatch.setenv("PLUG", str(folder))
        desk.reload()
        return desk

    return plug


SLOW = """
import os, pathlib, time
from worker.sinks.sqlite import SqliteSink

class Plug(SqliteSink):
    def write(self, items):
        folder = pathlib.Path(os.environ["PLUG"])
        with (folder / "begun").open("a") as begun:
            begun.write(f"{os.getpid()}\\n")
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and not (folder / "go").exists():
            time.sleep(0.02)
        return super().write(items)
"""


@pytest.fixture
def slow_desk(plugged: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a desk whose sink notes that it has begun, and writes after some seconds or when the file `go` is there."""

    def make(seconds: float, **changes: str) -> Any:
        return plugged(SLOW.replace("SECONDS", str(seconds)), **changes)

    return make


@pytest.fixture(scope="session")
def begun() -> Callable[..., list[int]]:
    """The processes that began to write, once there are so many."""

    def wait(desk: Any, times: int = 1, within_s: float = 60) -> list[int]:
        path = desk.folder / "plug" / "begun"
        until = time.monotonic() + within_s
        while True:
            pids = [int(line) for line in path.read_text().split()] if path.exists() else []
            if len(pids) >= times:
                return pids
            if time.monotonic() > until:
                pytest.fail(f"{len(pids)} of {times} deliveries began in {within_s} s")
            time.sleep(0.02)

    return wait
