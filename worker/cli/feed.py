"""`copydesk enqueue`: captures in, with a progress bar, back-pressure and a summary."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, counted, err, out, print_json, settings_from
from worker.intake import STDIN, Unreadable, expand, read
from worker.models import BrokenRecord, CaptureFacts, Priority, RawCapture
from worker.remote import is_remote
from worker.settings import Settings

if TYPE_CHECKING:
    from worker.producer import Tally


def register(app: typer.Typer) -> None:
    app.command(
        epilog="Example: copydesk enqueue captures/ 'crawl-*.jsonl'  ·  zcat big.jsonl.gz | copydesk enqueue -"
    )(enqueue)


def enqueue(
    locations: Annotated[
        list[str],
        typer.Argument(help="Files, folders, globs, URLs (https, s3, gs, az), or - for stdin.", metavar="LOCATION…"),
    ],
    format: Annotated[str, typer.Option("--format", help="auto, html, text, jsonl, warc, feed, …")] = "auto",
    source: Annotated[
        str, typer.Option(help="Your name for where captures come from; sources.toml may say how to read it.")
    ] = "default",
    url: Annotated[str | None, typer.Option(help="URL of a capture that does not name its own.")] = None,
    captured_at: Annotated[
        datetime | None, typer.Option(help="When captures were fetched that do not say so (UTC).")
    ] = None,
    priority: Annotated[str, typer.Option(help="urgent, normal or backfill.")] = "normal",
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.01, help="Captures a second at most.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Read from the start what was read before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count; enqueue nothing.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Put captures on their way to the workers.

    A run that was stopped goes on where it stood when it is started again; a file that was read to its end is passed
    over until it changes. What was accepted before is counted as a repeat and not enqueued again. A record that
    cannot be read is quarantined with its file, record and offset; the rest goes on. Exit code 1 says that something
    was not read.
    """
    from worker.cli.embedded import broker

    chosen = priority_of(priority)
    settings = settings_from(config, profile)
    options = settings.source_options(source)
    when = captured_at.astimezone() if captured_at else None
    facts = CaptureFacts(source=source, url=url, captured_at=when)
    if dry_run:
        tally = _counted_only(locations, format, facts, options, limit)
    else:
        from worker.producer import Producer

        with (
            broker(settings) as running,
            _progress(total_bytes(locations), json) as watch,
            Producer.open(running, priority=chosen, watch=watch, rate=rate) as producer,
        ):
            tally = producer.take(locations, kind=format, defaults=facts, options=options, limit=limit, afresh=force)
    _report(tally, dry_run=dry_run, json=json)
    if not tally.clean:
        raise typer.Exit(1)


def feed(
    settings: Settings,
    records: Iterator[RawCapture | BrokenRecord | Unreadable],
    *,
    priority: Priority = "normal",
    watch: Callable[[Tally], None] | None = None,
    rate: float | None = None,
) -> Tally:
    """Enqueue records and tell what was taken in."""
    from worker.producer import Producer

    with Producer.open(settings, priority=priority, watch=watch, rate=rate) as producer:
        for record in records:
            producer.add(record)
        producer.flush()
        return producer.tally


def total_bytes(locations: list[str]) -> int | None:
    """The size of all files together, or None where it cannot be known beforehand."""
    from worker.producer.places import size_of

    if any(location == STDIN or is_remote(location) for location in locations):
        return None
    return sum(map(size_of, expand(locations)))


def priority_of(name: str) -> Priority:
    """The priority a person named; raises BadParameter for any other word."""
    match name:
        case "urgent" | "normal" | "backfill":
            return name
        case _:
            raise typer.BadParameter("urgent, normal or backfill", param_hint="--priority")


def _counted_only(
    locations: list[str], kind: str, facts: CaptureFacts, options: Mapping[str, Mapping[str, Any]], limit: int | None
) -> Tally:
    from worker.producer import Tally
    from worker.references import References

    tally, references = Tally(), References()
    records = read(locations, kind=kind, defaults=facts, references=references, options=options)
    for record in itertools.islice(records, limit):
        tally.see(record)
    tally.references = references.without_page
    return tally


@contextmanager
def _progress(total: int | None, json: bool) -> Iterator[Callable[[Tally], None] | None]:
    if json or not sys.stderr.isatty():
        yield _say_pauses()
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
        console=err(),
        transient=True,
    ) as bar:
        task = bar.add_task("enqueueing", total=total, said="")

        def watch(tally: Tally) -> None:
            elapsed = bar.tasks[0].elapsed or 0.001
            said = f"{tally.read:,} read · {tally.read / max(elapsed, 0.001):,.0f}/s"
            if tally.backlog is not None:
                said += f" · {counted(tally.backlog, 'message')} waiting"
            if tally.paused:
                said += f" · [yellow]paused: {tally.paused}[/]"
            bar.update(task, completed=tally.position, said=said)

        yield watch


def _say_pauses() -> Callable[[Tally], None]:
    """Where there is no progress bar: a line when the producer begins to wait, and one when it goes on."""
    said = False

    def watch(tally: Tally) -> None:
        nonlocal said
        if bool(tally.paused) != said:
            said = bool(tally.paused)
            line = f"waiting: {tally.paused}" if said else "going on"
            err().print(f"copydesk: {line}", markup=False, soft_wrap=True)

    return watch


def _report(tally: Tally, *, dry_run: bool, json: bool) -> None:
    for line in tally.problems:
        err().print(f"copydesk: {line}", markup=False, soft_wrap=True)
    hidden = tally.broken + tally.unreadable + tally.remarks - len(tally.problems)
    if hidden > 0:
        err().print(f"copydesk: … and {hidden} more like these; see `copydesk quarantine list`", markup=False)
    if json:
        print_json(
            {
                "read": tally.read,
                "accepted": tally.accepted,
                "repeats": tally.repeats,
                "broken": tally.broken,
                "unreadable": tally.unreadable,
                "remarks": tally.remarks,
                "references": tally.references,
                "resumed": tally.resumed,
                "bytes": tally.bytes,
                "messages": tally.messages,
                "dry_run": dry_run,
            }
        )
        return
    said = f"{counted(tally.read, 'record')} read"
    if not dry_run:
        said += f": {tally.accepted:,} enqueued, {counted(tally.repeats, 'repeat')} ignored"
    if tally.broken:
        said += f", {tally.broken:,} broken" + ("" if dry_run else " and quarantined")
    if tally.unreadable:
        said += f", {counted(tally.unreadable, 'location')} unreadable"
    if tally.references:
        said += f", {counted(tally.references, 'reference')} without a page"
    if tally.resumed:
        said += f"; {counted(tally.resumed, 'location')} read before (--force reads again)"
    out().print(said, markup=False)
