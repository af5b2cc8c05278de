"""`copydesk watch`: files are taken in as they arrive in folders."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.feed import priority_of
from worker.cli.words import ConfigOption, ProfileOption, counted, err, settings_from
from worker.errors import CopydeskError, TransientError
from worker.models import CaptureFacts

if TYPE_CHECKING:
    from worker.producer import Producer
    from worker.producer.arrivals import Arrivals

PAUSE_AT_MOST_S = 30.0


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: copydesk watch incoming/  ·  copydesk watch incoming/ --source crawler")(watch)


def watch(
    folders: Annotated[list[Path], typer.Argument(help="Folders, with all below them.", metavar="FOLDER…")],
    format: Annotated[str, typer.Option("--format", help="auto, html, text, jsonl, warc, feed, …")] = "auto",
    source: Annotated[str, typer.Option(help="Your name for where the captures come from.")] = "default",
    priority: Annotated[str, typer.Option(help="urgent, normal or backfill.")] = "normal",
    rate: Annotated[float | None, typer.Option(min=0.01, help="Captures a second at most.")] = None,
    every: Annotated[float, typer.Option(min=0.05, help="Seconds between looks.")] = 1.0,
    settle: Annotated[float, typer.Option(min=0.0, help="Seconds a file must be unchanged.")] = 2.0,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Take in the files of folders, and those that arrive, until Ctrl-C.

    A file is read once it has not changed for a while. Hidden files and those that end in .part, .tmp and the like
    are left alone: write under such a name and rename, and a file is never read too early. Killed and started again,
    it goes on where it stood. The files stay where they are.
    """
    from worker.cli.embedded import broker
    from worker.producer import Producer
    from worker.producer.arrivals import Arrivals

    for folder in folders:
        if not folder.is_dir():
            raise CopydeskError(f"{folder} is no folder; make it first")
    chosen = priority_of(priority)
    settings = settings_from(config, profile)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with broker(settings) as running, Producer.open(running, priority=chosen, rate=rate) as producer:
            err().print(f"watching {', '.join(map(str, folders))}; Ctrl-C stops", markup=False, soft_wrap=True)
            try:
                arrivals = Arrivals([str(folder) for folder in folders], settle_s=settle)
                _go_on(producer, arrivals, every, format, CaptureFacts(source=source))
            except KeyboardInterrupt:
                producer.flush()
            tally = producer.tally
            err().print(f"{counted(tally.read, 'record')} read: {tally.accepted:,} enqueued", markup=False)
    finally:
        signal.signal(signal.SIGTERM, before)


def _go_on(producer: Producer, arrivals: Arrivals, every_s: float, kind: str, facts: CaptureFacts) -> None:
    pause_s, told = every_s, 0
    while True:
        files = arrivals.look()
        try:
            if files:
                before = producer.tally.accepted
                producer.take(files, kind=kind, defaults=facts)
                arrivals.took(files)
                new = producer.tally.accepted - before
                err().print(f"{counted(len(files), 'file')}: {new:,} enqueued", markup=False)
            pause_s = every_s
        except TransientError as exc:
            pause_s = min(PAUSE_AT_MOST_S, pause_s * 2)
            err().print(f"copydesk: waiting {pause_s:.0f} s: {exc}", markup=False, soft_wrap=True)
        for line in producer.tally.problems[told:]:
            err().print(f"copydesk: {line}", markup=False, soft_wrap=True)
        told = len(producer.tally.problems)
        time.sleep(pause_s)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
