"""`copydesk routes test`: what the rules would do with captures, or with records that a sink wrote."""

from __future__ import annotations

import json as jsonlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, counted, err, out, print_json, settings_from
from worker.intake import Unreadable, expand, place, read
from worker.models import BrokenRecord, CaptureFacts, CleanArticle, RawCapture, RouteVerdict

if TYPE_CHECKING:
    from worker.pipeline import Pipeline

BY_NO_RULE = "by no rule"
COPIES = {"recapture", "exact_copy", "near_copy", "excerpt"}
routes = typer.Typer(no_args_is_help=True, help="The rules of routes.toml: test.")


class Judged(NamedTuple):
    where: str
    clean: CleanArticle | None
    verdict: RouteVerdict | None
    why: str = ""  # there is no article


def register(app: typer.Typer) -> None:
    app.add_typer(routes, name="routes")


@routes.callback()
def _routes() -> None:
    """The rules of routes.toml."""


@routes.command(
    "test", epilog="Example: copydesk routes test captures/ --config my-desk  ·  copydesk routes test articles.jsonl"
)
def try_rules(
    locations: Annotated[
        list[str],
        typer.Argument(help="Captures as for copydesk try, or records as the jsonl sink writes them.", metavar="FILE…"),
    ],
    source: Annotated[str, typer.Option(help="Your name for where the captures come from.")] = "default",
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Print what would go where, and why the earlier rules did not take it. Nothing is stored."""
    from worker.pipeline import Pipeline

    pipeline = Pipeline.in_memory(settings_from(config, profile))
    by_route: Counter[str] = Counter()
    by_sink: Counter[str] = Counter()
    seen = unread = 0
    for one in _judged(pipeline, locations, source):
        seen += 1
        unread += one.clean is None
        if one.verdict is not None:
            by_route.update([match.route for match in one.verdict.matched] or [_unrouted(one)])
            by_sink.update({sink for match in one.verdict.matched for sink in match.sinks})
        if json:
            print_json(_told(one))
        else:
            _show(one)
    if json:
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, number in by_route.most_common():
        table.add_row(name, f"{number:,}", style="yellow" if name == BY_NO_RULE else "")
    out().print(table)
    to = ", ".join(f"{name} {number:,}" for name, number in by_sink.most_common()) or "nowhere"
    err().print(f"{counted(seen, 'record')}, {unread} without an article; to: {to}", markup=False)


def _judged(pipeline: Pipeline, locations: list[str], source: str) -> Iterator[Judged]:
    captures: list[str] = []
    for location in expand(locations):
        if _holds_records(location):
            yield from _of_records(pipeline, location)
        else:
            captures.append(location)
    if captures:
        yield from _of_captures(pipeline, captures, source)


def _holds_records(location: str) -> bool:
    """Whether the first line of a file is a record of ours."""
    try:
        with Path(location).open(encoding="utf-8") as lines:
            first = jsonlib.loads(lines.readline(16 * 1024 * 1024))
    except (OSError, ValueError):
        return False
    return isinstance(first, dict) and {"schema_version", "article_id", "regions", "topics"} <= first.keys()


def _of_records(pipeline: Pipeline, location: str) -> Iterator[Judged]:
    from worker.formats.record import clean_of

    with Path(location).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{location}, record {number}"
            try:
                clean = clean_of(jsonlib.loads(line))
            except ValueError as exc:
                yield Judged(where, None, None, f"no record of ours ({type(exc).__name__})")
                continue
            yield Judged(where, clean, pipeline.routes_of(clean))


def _of_captures(pipeline: Pipeline, locations: list[str], source: str) -> Iterator[Judged]:
    from worker.pipeline import whole_way

    unreadable: list[Unreadable] = []

    def records() -> Iterator[RawCapture | BrokenRecord]:
        for record in read(locations, defaults=CaptureFacts(source=source)):
            if isinstance(record, Unreadable):
                unreadable.append(record)
            elif isinstance(record, RawCapture) or record.lost:
                yield record

    for result in whole_way(pipeline, records()):
        why = "" if result.clean else f"{result.outcome}: {result.reason.replace('_', ' ')}"
        yield Judged(place(result.origin), result.clean, result.verdict, why)
    for one in unreadable:
        yield Judged(one.location, None, None, f"cannot be read: {one.detail}")


def _unrouted(one: Judged) -> str:
    copy = one.clean is not None and one.clean.duplicate.kind in COPIES
    return "a copy, delivered nowhere" if copy else BY_NO_RULE


def _told(one: Judged) -> dict[str, Any]:
    return {
        "where": one.where,
        "article_id": one.clean.article.article_id if one.clean else None,
        "headline": one.clean.article.headline if one.clean else None,
        "reason": one.why or None,
        "matched": [match.model_dump(mode="json") for match in one.verdict.matched] if one.verdict else [],
        "missed": [miss.model_dump(mode="json") for miss in one.verdict.missed] if one.verdict else [],
    }


def _show(one: Judged) -> None:
    console = out()
    headline = one.clean.article.headline or "(no headline)" if one.clean else one.why
    console.print(Text.assemble((headline, "bold" if one.clean else "yellow"), (f"  {one.where}", "dim")))
    if one.verdict is not None:
        for miss in one.verdict.missed:
            console.print(f"  [dim]not {escape(miss.route)}: {escape(miss.because)}[/]")
        for match in one.verdict.matched:
            sinks = ", ".join(match.sinks) or "nowhere"
            console.print(f"  [green]{escape(match.route)} → {escape(sinks)}[/]  ({escape(match.because)})")
        if not one.verdict.matched:
            console.print(f"  [yellow]{_unrouted(one)}[/]")
    console.print()
