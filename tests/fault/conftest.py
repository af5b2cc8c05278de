"""How large the faults are, how they are made, and what they cost: figures that `make fault` writes into docs/faults.md."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


PATIENCE_S = 300  # without any capture coming to its end


class Trial:
    """A fault on a desk: captures go in, something is broken again and again, and each capture is accounted for."""

    def __init__(self, desk: Any, captures: int, note: Figures) -> None:
        self.desk, self.captures, self._note = desk, captures, note
        self.workers: Any = None
        self.ended: Any = None  # what of the workers had ended by itself
        self._strikes, self._since = 0, time.monotonic()

    @contextmanager
    def at_work(self) -> Iterator[Trial]:
        """All captures are in the queue and workers on them, which are stopped however it ends."""
        self.desk.run("enqueue", str(self.desk.write_stories(self.captures)))
        self.workers = self.desk.workers()
        self.begin()
        try:
            yield self
            self.ended = self.workers.ended()
        finally:
            self.workers.stop()

    def begin(self) -> None:
        """From here on the time is taken that the work needs."""
        self._since = time.monotonic()

    def struck(self) -> None:
        """Something was broken, or after an outage mended, just now."""
        self._strikes += 1
        self.begin()

    def wait_for(self, share: float) -> None:
        """Returns when so much of the work is done."""
        self._wait(share, 0.02)

    def finish(self, look: Callable[[], None] = lambda: None) -> None:
        """Returns when every capture has its end, without any help; has a `look` now and then."""
        self._wait(1, 0.5, look)

    def _wait(self, share: float, every_s: float, look: Callable[[], None] = lambda: None) -> None:
        patience = Patience(self.desk)
        while patience.finished() < share * self.captures:
            look()
            time.sleep(every_s)

    def reconcile(self) -> None:
        """What beat does every minute, done every few seconds, until every capture has its end."""
        patience = Patience(self.desk)
        while patience.finished() < self.captures:
            time.sleep(2)
            self.desk.run("reconcile")

    def account(self, fault: str, *, strikes: int | None = None) -> None:
        """Asserts that each capture is one article in the store, none missing and none twice; notes what it cost."""
        recovered_s = time.monotonic() - self._since
        urls = [row["url"] for row in self.desk.stored()]
        lost, doubled = self.captures - len(set(urls)), len(urls) - len(set(urls))
        kills = self._strikes if strikes is None else strikes
        self._note(fault, captures=self.captures, kills=kills, lost=lost, doubled=doubled, recovered_s=recovered_s)
        assert (lost, doubled) == (0, 0)
        assert self.desk.counts().states == {"stored": self.captures}


@pytest.fixture
def trial_of(captures: int, figures: Figures) -> Callable[..., Trial]:
    """Makes a trial on a desk, with as many captures as `make fault` says, or so many."""
    return lambda desk, count=captures: Trial(desk, count, figures)


@pytest.fixture
def trial(desk: Any, trial_of: Callable[..., Trial]) -> Trial:
    """A trial on a plain desk."""
    return trial_of(desk)


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
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]))
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
