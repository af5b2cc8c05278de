"""`copydesk forget`: an article taken back everywhere, and what was done said."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, counted, err, out, print_json, settings_from

if TYPE_CHECKING:
    from worker.forgetting import Forgotten
    from worker.state.ledger import Trace


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: copydesk forget https://example.org/story  ·  copydesk forget 3f9a1c5d --dry-run")(
        forget
    )


def forget(
    named: Annotated[
        str, typer.Argument(help="A URL, an article id, a capture id (or its start) or your own id.", metavar="ID|URL")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is meant.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Tell every sink, where the ledger knows the article no longer.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Take an article back everywhere, all its captures: sinks, spool, story index, quarantine, ledger.

    Every sink that holds it gets a retraction. There is no way back but to feed the page again.
    """
    from worker.app import create
    from worker.cli.embedded import broker
    from worker.forgetting import article_named, forget_unknown, found
    from worker.forgetting import forget as forgotten
    from worker.state.ledger import open_ledger
    from worker.state.quarantine import open_quarantine
    from worker.state.spool import DAY_S, open_spool
    from worker.state.stories import open_stories
    from worker.state.told import open_told

    settings = settings_from(config, profile)
    with closing(open_ledger(settings.ledger_url)) as ledger:
        article_id = article_named(named)
        unknown = (
            everywhere and article_id is not None and not ledger.known_as(named) and not ledger.known_as(article_id)
        )
        traces = [] if unknown else found(ledger, named)
        if dry_run:
            _show_meant(traces, json)
            if unknown:
                names = ", ".join(spec.name for spec in settings.sinks)
                err().print(f"the ledger knows no such article; these sinks would be told: {names}", markup=False)
            return
        with (
            broker(settings) as running,
            closing(open_spool(running.spool_url, ttl_s=running.keep.spool_days * DAY_S)) as spool,
            closing(open_quarantine(running.ledger_url)) as quarantine,
            closing(open_told(running.ledger_url)) as told,
            closing(
                open_stories(running.stories_url, running.deduplicate, prefix=running.broker.key_prefix)
            ) as stories,
            closing(create(running, role="forget")) as app,
        ):
            if unknown and article_id is not None:
                done = forget_unknown(app, article_id, ledger=ledger, spool=spool, now=datetime.now(UTC))
            else:
                done = forgotten(
                    app, traces, ledger=ledger, spool=spool, stories=stories, quarantine=quarantine, told=told
                )
    if json:
        print_json(done.model_dump(mode="json"))
    else:
        _show(done)


def _show_meant(traces: list[Trace], json: bool) -> None:
    for trace in traces:
        standing, verdict = trace.standing, trace.standing.verdict
        sinks = sorted({one.delivery.sink for one in trace.deliveries if one.state == "done"})
        if json:
            facts = {"capture_id": standing.capture_id, "article_id": verdict.article_id, "url": standing.url}
            print_json(facts | {"state": standing.state, "sinks": sinks})
        else:
            what = verdict.headline or standing.url or "–"
            line = f"{standing.capture_id[:12]} {standing.state} {', '.join(sinks) or 'in no sink'}: {what}"
            out().print(line, markup=False)


def _show(done: Forgotten) -> None:
    said = out()
    rows = [
        ("ledger", counted(done.ledger, "capture")),
        ("spool", counted(done.bodies, "body", "bodies")),
        ("stories", counted(done.stories, "capture")),
        ("quarantine", counted(done.quarantined, "item")),
        ("feeds", counted(done.references, "reference")),
    ]
    rows += [(f"sink {sink}", f"{counted(n, 'retraction')} sent") for sink, n in sorted(done.retractions.items())]
    for label, what in rows:
        said.print(f"{label:<11} {what}", markup=False)
    if not any((done.ledger, done.bodies, done.stories, done.quarantined, done.references, done.retractions)):
        err().print("it was forgotten before; nothing was left to take back")
    for sink, n in sorted(done.waiting.items()):
        err().print(f"sink {sink} has not confirmed {counted(n, 'retraction')} yet: copydesk deliveries list")
    if done.on_their_way:
        err().print(
            f"{counted(done.on_their_way, 'capture')} of it were still on their way and end at their next stage; "
            "run this again when copydesk status shows nothing waiting"
        )
