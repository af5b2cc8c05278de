"""Looking: `check`, `trace`, `sources`, `sinks`. Changes nothing."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, err, out, print_json, settings_from, shortened
from worker.errors import ConfigError, CopydeskError
from worker.settings import Settings


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: copydesk check --config /etc/copydesk --profile prod")(check)
    app.command(epilog="Example: copydesk trace 3f9a1c  ·  copydesk trace https://example.org/story")(trace)
    app.command(epilog="Example: copydesk sources")(sources)
    app.command(epilog="Example: copydesk sinks")(sinks)


def check(json: JsonOption = False, config: ConfigOption = None, profile: ProfileOption = None) -> None:
    """Validate all of config/ and print the merged result, secrets masked. Opens nothing."""
    settings = settings_from(config, profile)
    problems, warnings = problems_of(settings)
    masked = settings.masked()
    if json:
        print_json({"ok": not problems, "problems": problems, "settings": masked})
    else:
        import json as jsonlib

        out().print(jsonlib.dumps(masked, indent=2, ensure_ascii=False), markup=False)
        err().print(
            f"{settings.config_dir}: {'well' if not problems else 'wrong'}", style="red" if problems else "green"
        )
    for warning in warnings:
        err().print(f"copydesk: {warning}", markup=False, soft_wrap=True)
    for problem in problems:
        err().print(f"copydesk: {problem}", markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(2)


def problems_of(settings: Settings) -> tuple[list[str], list[str]]:
    """What is wrong with sinks, routes, region and topic rules, and what is only noticed, a sentence each."""
    from worker.pipeline import load_models
    from worker.plugins import check_sink, check_source
    from worker.polling import polled
    from worker.stages.classify.regions import problems as region_problems
    from worker.stages.classify.topics import resolve
    from worker.stages.route import problems

    found: list[str] = []
    models = load_models()
    vocabulary = models.topics.vocabulary
    for spec in settings.sinks:
        try:
            check_sink(spec.name, spec.kind, spec.options)
        except ConfigError as exc:
            found.append(str(exc))
    try:
        polled(settings.sources)
        for source in settings.sources:
            for kind, options in settings.source_options(source.name).items():
                check_source(source.name, kind, options)
    except ConfigError as exc:
        found.append(str(exc))
    found += [f"{settings.config_dir / 'routes.toml'}: {p}" for p in problems(settings.routes, vocabulary)]
    places = region_problems(settings.regions, models.gazetteer.names)
    found += [f"{settings.config_dir / 'regions.toml'}: {p}" for p in places]
    warnings: list[str] = []
    try:
        _, warnings = resolve(settings.topics, vocabulary)
    except ConfigError as exc:
        found.append(str(exc))
    return found, warnings


def trace(
    named: Annotated[
        str, typer.Argument(help="A capture id (or its start), article id, URL or your own id.", metavar="ID")
    ],
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Show one capture's journey: where it came from, what was decided, where it went."""
    from worker.intake import place
    from worker.state.ledger import open_ledger

    settings = settings_from(config, profile)
    ledger = open_ledger(settings.ledger_url)
    found = ledger.trace(named)
    ledger.close()
    if found is None:
        raise CopydeskError(f"no capture known as {named!r}; `copydesk status` tells what the ledger holds")
    if json:
        print_json(found.model_dump(mode="json"))
        return
    console, standing, verdict = out(), found.standing, found.standing.verdict
    rows: list[tuple[str, str | None]] = [
        ("capture", standing.capture_id),
        ("from", place(found.capture.origin) if found.capture else None),
        ("url", standing.url),
        ("accepted", f"{standing.accepted_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("state", standing.state + (f" ({standing.reason})" if standing.reason else "")),
        ("detail", standing.detail or None),
        ("headline", verdict.headline),
        ("copy", f"{verdict.kind} · story {verdict.story_id}" + (f" · of {verdict.of}" if verdict.of else ""))
        if verdict.kind
        else ("copy", None),
        *(("", sentence) for sentence in verdict.evidence),
        ("region", verdict.primary_region),
        ("topic", verdict.primary_topic),
        ("routes", ", ".join(verdict.routes) or None),
    ]
    for label, value in rows:
        if value:
            console.print(f"[dim]{label:<9}[/] ", end="")
            console.print(value, markup=False)
    for delivery in found.deliveries:
        said = f"{delivery.delivery.sink}: {delivery.state}" + (f" ({delivery.status})" if delivery.status else "")
        console.print(f"[dim]delivery [/] {said} {delivery.updated_at:%H:%M:%S} {delivery.detail}")


def sources(json: JsonOption = False) -> None:
    """List the formats that can be read."""
    from worker.plugins import SOURCES, known, open_source

    rows = [(name, _first_line(type(open_source(name)).__doc__)) for name in known(SOURCES)]
    _list(rows, json)


def sinks(json: JsonOption = False, config: ConfigOption = None, profile: ProfileOption = None) -> None:
    """List the kinds of sinks that are installed, and the sinks that are configured."""
    from worker.plugins import SINKS, known

    settings = settings_from(config, profile)
    configured = {spec.name: spec.kind for spec in settings.sinks}
    if json:
        print_json({"kinds": known(SINKS), "configured": configured})
        return
    table = Table(box=None, pad_edge=False)
    for column in ("sink", "kind"):
        table.add_column(column)
    for name, kind in configured.items():
        table.add_row(name, kind)
    out().print(table)
    err().print("installed kinds: " + ", ".join(known(SINKS)))


def _list(rows: list[tuple[str, str]], json: bool) -> None:
    if json:
        print_json([{"name": name, "what": what} for name, what in rows])
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, what in rows:
        table.add_row(name, shortened(what, 100))
    out().print(table)


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n")[0]
