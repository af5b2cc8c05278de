"""`copydesk try`: the whole way in this process, no Redis, with the reasons for each verdict."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from itertools import chain, islice
from typing import Annotated

import typer

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, counted, err, out, print_json, settings_from
from worker.intake import Unreadable, place, read
from worker.models import BrokenRecord, CaptureFacts, RawCapture
from worker.starting import uncollected


def register(app: typer.Typer) -> None:
    app.command(
        "try", epilog="Example: copydesk try page.html  ·  copydesk try --json captures.jsonl | jq .regions.primary"
    )(try_)


def try_(
    locations: Annotated[list[str], typer.Argument(help="Files, folders, globs, or - for stdin.", metavar="LOCATION…")],
    format: Annotated[str, typer.Option("--format", help="auto, html, text, jsonl, warc, feed, …")] = "auto",
    url: Annotated[str | None, typer.Option(help="URL of a capture that does not name its own.")] = None,
    source: Annotated[str, typer.Option(help="Your name for where the captures come from.")] = "default",
    explain: Annotated[bool, typer.Option("--explain", help="Show each line or block, kept or not, and why.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Take captures the whole way in this process and say why. Nothing is stored and no server is needed."""
    unreadable: list[Unreadable] = []

    def records() -> Iterator[RawCapture | BrokenRecord]:
        for record in read(locations, kind=format, defaults=CaptureFacts(source=source, url=url)):
            if isinstance(record, Unreadable):
                unreadable.append(record)
                err().print(f"copydesk: {record.location}: {record.detail}", markup=False, soft_wrap=True)
            elif isinstance(record, BrokenRecord) and not record.lost:
                said = f"copydesk: {place(record.origin)}: remark: {record.detail}"
                err().print(said, markup=False, soft_wrap=True)
            else:
                yield record

    with uncollected():
        from worker.cli.record import record_of
        from worker.pipeline import Pipeline, whole_way

        settings = settings_from(config, profile)
        pipeline = Pipeline.in_memory(settings)
        results = whole_way(pipeline, records())
        first = list(islice(results, 1))
    gc.freeze()  # models and modules stay to the end: no collection need look at them again
    seen = quarantined = 0
    for result in chain(first, results):
        seen += 1
        quarantined += result.outcome == "quarantined"
        explanation = pipeline.explain(result.capture, result.body) if explain and result.capture else None
        if json:
            print_json(record_of(result, explanation))
        else:
            from worker.cli.reading import show  # Rich is a twelfth of the start

            show(out(), result, explanation)
    if not json and sys.stderr.isatty():
        err().print(f"{counted(seen, 'capture')}, {counted(quarantined, 'broken record')}")
    if unreadable or quarantined:
        raise typer.Exit(1)
