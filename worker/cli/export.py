"""`copydesk export`: a store's articles in forms that others read. `copydesk schema`: what our own form says."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from worker.cli.asking import (
    DataOption,
    LanguageOption,
    PublisherOption,
    RegionOption,
    SinceOption,
    SinkOption,
    TopicOption,
    UntilOption,
    query_of,
    store_of,
)
from worker.cli.words import ConfigOption, ProfileOption, counted, err, settings_from
from worker.errors import CopydeskError


def register(app: typer.Typer) -> None:
    app.command(
        epilog="Example: copydesk export --region south-america --since 7d --format atom --out south-america.xml"
        "  ·  copydesk export 'oil OR gas' --format ninjs | jq .headlines"
    )(export)
    app.command(epilog="Example: copydesk schema > article-1.json")(schema)


def export(
    words: Annotated[list[str] | None, typer.Argument(help="As in copydesk search. None: every article.")] = None,
    format: Annotated[
        str, typer.Option("--format", "-f", help="jsonl, ninjs, jsonld (each one a line), jsonfeed, atom or csv.")
    ] = "jsonl",
    file: Annotated[Path | None, typer.Option("--out", "-o", help="A file; default: stdout.")] = None,
    title: Annotated[str, typer.Option(help="Of a feed.")] = "copydesk",
    region: RegionOption = None,
    topic: TopicOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    publisher: PublisherOption = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1)] = None,
    sink: SinkOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Write articles of a SQLite or PostgreSQL sink, newest first, in constant memory."""
    from worker.formats.export import FORMS, exported

    if format not in FORMS:
        raise typer.BadParameter(", ".join(FORMS), param_hint="--format")
    settings = settings_from(config, profile, {"data_dir": str(data)} if data else None)
    query = query_of(
        settings, " ".join(words or ()), regions=region, topics=topic, languages=language, publishers=publisher,
        since=since, until=until, limit=limit, newest_first=True,
    )  # fmt: skip
    _, store = store_of(settings, sink)
    count = 0

    def records() -> Iterator[dict[str, object]]:
        nonlocal count
        for found in store.search(query):
            count += 1
            yield found.record

    with _opened(file) as stream:
        stream.writelines(exported(records(), format, title))
    err().print(counted(count, "article"), markup=False)


def schema() -> None:
    """Print the JSON Schema of our own record, as docs/schema/ publishes it."""
    import json

    from worker.formats.record import schema as published

    sys.stdout.write(json.dumps(published(), indent=2, ensure_ascii=False) + "\n")


@contextmanager
def _opened(file: Path | None) -> Iterator[TextIO]:
    """Stdout, or a file that is there whole or not at all."""
    if file is None:
        yield sys.stdout
        return
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        part.replace(file)
    except OSError as exc:
        raise CopydeskError(f"{file} cannot be written: {exc.strerror}") from exc
    finally:
        part.unlink(missing_ok=True)
