"""`copydesk search`: what stands in a store, found again."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from worker.cli.asking import (
    DataOption,
    LanguageOption,
    PublisherOption,
    RegionOption,
    SinceOption,
    SinkOption,
    TopicOption,
    UntilOption,
    place_of,
    query_of,
    store_of,
)
from worker.cli.words import ConfigOption, JsonOption, ProfileOption, counted, err, out, print_json, settings_from
from worker.query import Query, Term, folded

WIDE = 100  # columns; below this the table leaves out topic and publisher
FORMATS = ("table", "json", "feed", "jsonfeed", "atom")


def register(app: typer.Typer) -> None:
    app.command(
        epilog="Example: copydesk search 'sanctions oil' --region VE --topic politics --since 7d"
        "  ·  copydesk search '\"port strike\" OR dock* -football' --region south-america --json"
    )(search)


def search(
    words: Annotated[
        list[str] | None,
        typer.Argument(help='All must be found; "a phrase", sanction*, oil OR gas, -without. None: the newest.'),
    ] = None,
    region: RegionOption = None,
    topic: TopicOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    publisher: PublisherOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 20,
    newest: Annotated[bool, typer.Option("--newest", help="Newest first instead of best match first.")] = False,
    format: Annotated[str, typer.Option("--format", help="table, json, feed (JSON Feed) or atom.")] = "table",
    json: JsonOption = False,
    sink: SinkOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Find articles in a SQLite or PostgreSQL sink, by words, regions, topics and dates."""
    if format not in FORMATS:
        raise typer.BadParameter(", ".join(FORMATS), param_hint="--format")
    settings = settings_from(config, profile, {"data_dir": str(data)} if data else None)
    typed = " ".join(words or ())
    query = query_of(
        settings, typed, regions=region, topics=topic, languages=language, publishers=publisher, since=since,
        until=until, limit=limit, newest_first=newest,
    )  # fmt: skip
    spec, store = store_of(settings, sink)
    records = (found.record for found in store.search(query))
    if json or format == "json":
        for record in records:
            print_json(record)
        return
    if format != "table":
        from worker.formats.export import exported

        form = "atom" if format == "atom" else "jsonfeed"
        sys.stdout.writelines(exported(records, form, typed or "copydesk"))
        return
    shown = list(records)
    if shown:
        _show(shown, query)
        more = f"; the first {limit}, more with --limit" if len(shown) == limit else ""
        err().print(f"{counted(len(shown), 'article')}{more}", markup=False)
        return
    there = any(True for _ in islice(store.search(Query(limit=1)), 1))
    err().print(_nothing(there, query, f"{spec.name} ({place_of(spec)})"), markup=False, soft_wrap=True)


def _nothing(there: bool, query: Query, place: str) -> str:
    if not there:
        return f"no articles stand in {place} yet; copydesk demo makes some (then: --data copydesk-demo)"
    tips = []
    if query.since or query.until or query.regions or query.topics or query.languages or query.publishers:
        tips.append("fewer filters")
    if query.words:
        tips += ["fewer words", "word* for any ending", "OR between words"]
    *most, last = tips
    return f"nothing found in {place}; try {', '.join(most)}{' or ' if most else ''}{last}"


def _show(records: Sequence[dict[str, Any]], query: Query) -> None:
    console = out()
    wide = console.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, expand=console.is_terminal)
    table.add_column("date", width=10)
    table.add_column("region", width=6)
    if wide:
        table.add_column("topic", width=18, no_wrap=True, overflow="ellipsis")
        table.add_column("publisher", width=18, no_wrap=True, overflow="ellipsis")
    table.add_column("headline and passage", ratio=1, overflow="fold")
    words = pattern_of(query)
    for record in records:
        article = record["article"]
        publisher = article["publisher"] or {}
        labels = [one["label"] for one in record["topics"]["all"]]
        row: list[str | Text] = [_date(record), record["regions"]["primary"] or "–"]
        if wide:
            row += [", ".join(labels) or "–", publisher.get("name") or publisher.get("domain") or "–"]
        cell = Text()
        cell.append_text(_marked(article["headline"] or "(no headline)", words, "bold"))
        cell.append("\n")
        cell.append_text(_marked(passage(article["text"], words), words, "dim"))
        table.add_row(*row, cell)
    console.print(table)


def _date(record: dict[str, Any]) -> Text:
    """The day of publication; dim where only the capture's is known."""
    if published := record["article"]["published_at"]:
        return Text(published[:10])
    return Text((record["capture"]["captured_at"] or "–")[:10], style="dim")


def pattern_of(query: Query) -> re.Pattern[str] | None:
    """What marks the words of a query in a folded text."""
    terms = [_term(term) for group in query.words for term in group]
    return re.compile("|".join(terms)) if terms else None


def _term(term: Term) -> str:
    words = re.findall(r"\w+", folded(term.text))
    body = r"\W+".join(map(re.escape, words))
    edges = words and words[0].isascii()
    return (r"\b" if edges else "") + body + (r"\b" if edges and not term.prefix else "")


def passage(text: str, words: re.Pattern[str] | None, width: int = 180) -> str:
    """The part of `text` around the first of `words`, else its beginning."""
    flat = " ".join(text.split())
    found = words.search(_evenly(flat)) if words else None
    start = 0 if found is None or found.start() < width // 2 else found.start() - width // 3
    if start:
        start = flat.rfind(" ", max(0, start - 30), start) + 1 or start
    part = flat[start : start + width]
    end = part.rfind(" ", width // 2) if start + width < len(flat) else len(part)
    return ("…" if start else "") + part[: end if end > 0 else width] + ("…" if start + width < len(flat) else "")


def _marked(text: str, words: re.Pattern[str] | None, style: str) -> Text:
    marked = Text(text, style=style)
    spans: Iterable[re.Match[str]] = words.finditer(_evenly(text)) if words else ()
    for found in spans:
        marked.stylize("bold yellow not dim", found.start(), found.end())
    return marked


def _evenly(text: str) -> str:
    """`text` folded character by character, so that places in it are places in `text`."""
    return "".join(one if len(one) == 1 else character for character in text for one in (folded(character),))
