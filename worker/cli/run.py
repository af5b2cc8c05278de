"""Running: `copydesk demo`, the whole way on the bundled samples; `copydesk up`, the same as a service."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, err, out, print_json, settings_from
from worker.errors import CopydeskError
from worker.intake import place
from worker.models import TERMINAL_STATES
from worker.settings import packaged_config

if TYPE_CHECKING:
    from worker.state.ledger import Ledger, LedgerCounts

DEMO_FOLDER = "copydesk-demo"
DEMO_MARK = ".made-by-copydesk-demo"  # only a folder with this file in it is ever emptied
GIVE_UP_S = 120.0
LOOK_EVERY_S = 0.1
DELIVERABLE = frozenset({"stored", "duplicate"})


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: copydesk demo  ·  copydesk demo --json | jq .headline")(demo)
    app.command(epilog="Example: copydesk up --processes 4  ·  in another terminal: copydesk enqueue captures/")(up)


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps everything; emptied first.")] = Path(DEMO_FOLDER),
    json: JsonOption = False,
) -> None:
    """Take the bundled sample captures the whole way: real Redis, real workers, real stores."""
    from worker.cli.embedded import broker
    from worker.cli.feed import feed
    from worker.cli.workers import Workers
    from worker.intake import read
    from worker.state.ledger import open_ledger

    folder = folder.resolve()
    _fresh(folder)
    settings = settings_from(packaged_config(), "demo", {"data_dir": str(folder)})
    words = err()
    began = time.monotonic()
    with broker(settings) as running:
        workers = Workers(running)
        try:
            workers.start(processes=running.worker.processes, beat=False, log=folder / "worker.log")
            with as_file(files("worker") / "samples" / "captures") as samples:
                # The samples are named by their place in the stream: related ones keep their order.
                tally = feed(running, read([str(samples)]))
            ledger = open_ledger(running.ledger_url)
            try:
                _wait(ledger.counts, tally.accepted, workers.ended, words, folder / "worker.log")
                standings = ledger.recent(10_000)[::-1]
                counts = ledger.counts()
                places = {s.capture_id: _place(ledger, s.capture_id) for s in standings if s.state not in DELIVERABLE}
            finally:
                ledger.close()
        finally:
            workers.stop()
    took_s = time.monotonic() - began
    if json:
        for standing in standings:
            print_json(standing.model_dump(mode="json"))
        return
    from worker.cli.tables import show_demo

    show_demo(out(), standings, counts, places, tally, settings, took_s)


def _place(ledger: Ledger, capture_id: str) -> str:
    """The file a capture came from, for people."""
    found = ledger.trace(capture_id)
    if found is None or found.capture is None:
        return capture_id[:12]
    origin = found.capture.origin
    return place(origin.model_copy(update={"location": Path(origin.location).name, "offset": None}))


def _fresh(folder: Path) -> None:
    """An empty folder for the demo. Raises CopydeskError rather than empty one that is not the demo's."""
    if folder.exists():
        inside = list(folder.iterdir())
        if inside and not (folder / DEMO_MARK).exists():
            raise CopydeskError(f"{folder} is not empty and not of an earlier demo; name another with --folder")
        for path in inside:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DEMO_MARK).touch()


def _wait(
    counts: Callable[[], LedgerCounts],
    total: int,
    ended: Callable[[], tuple[str, int] | None],
    console: Console,
    log: Path,
) -> None:
    """Return when every capture has its end, with a progress bar on a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    until = time.monotonic() + GIVE_UP_S
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True,
        disable=not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task("captures finished", total=total)
        while True:
            now = counts()
            done = sum(n for state, n in now.states.items() if state in TERMINAL_STATES)
            bar.update(task, completed=done)
            if done >= total:
                return
            if (gone := ended()) is not None:
                raise CopydeskError(f"the {gone[0]} ended with exit code {gone[1]}; its last words are in {log}")
            if time.monotonic() > until:
                raise CopydeskError(f"{total - done} captures were not finished in {GIVE_UP_S:.0f} s; see {log}")
            time.sleep(LOOK_EVERY_S)


def up(
    processes: Annotated[int | None, typer.Option(min=1, help="Worker processes; default: one a core.")] = None,
    flower: Annotated[bool | None, typer.Option("--flower/--no-flower", help="Default: when it is installed.")] = None,
    flower_port: Annotated[int, typer.Option(help="Flower's port on 127.0.0.1.")] = 5555,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Run Redis (embedded unless configured), the workers and Flower in the foreground, until Ctrl-C."""
    import importlib.util

    from worker.cli.embedded import broker
    from worker.cli.workers import Workers

    settings = settings_from(config, profile)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    words = err()
    stopping = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
    failed: tuple[str, int] | None = None
    try:
        with broker(settings, keep=False) as running:
            workers = Workers(running)
            try:
                workers.start(processes=processes)
                if flower or (flower is None and importlib.util.find_spec("flower") is not None):
                    login = workers.start_flower(flower_port)
                    words.print(f"Flower: http://127.0.0.1:{flower_port}; log in with {login}", markup=False)
                words.print(f"copydesk is up; data in {settings.data_dir}; Ctrl-C stops it", markup=False)
                while not stopping and (failed := workers.ended()) is None:
                    time.sleep(LOOK_EVERY_S)
                words.print("stopping: what runs is finished or given back to its queue", markup=False)
            finally:
                workers.stop()
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    if failed is not None:
        raise CopydeskError(f"the {failed[0]} ended by itself with exit code {failed[1]}")
    sys.stderr.flush()
