"""`copydesk deliveries list|retry`: what was sent where, and once more after the cause is mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.table import Table

from worker.cli.asking import moment
from worker.cli.words import ConfigOption, JsonOption, ProfileOption, counted, err, out, print_json, settings_from
from worker.errors import CopydeskError
from worker.models import Delivery
from worker.settings import Settings

if TYPE_CHECKING:
    from worker.state.ledger import DeliveryStanding, DeliveryState, Ledger

EVERY = 1_000_000
LEAST_PREFIX = 4
deliveries = typer.Typer(no_args_is_help=True, help="What was sent where: list, retry.")
ListedSink = Annotated[str | None, typer.Option("--sink", help="Only to this sink.")]


def register(app: typer.Typer) -> None:
    app.add_typer(deliveries, name="deliveries")


@deliveries.command("list", epilog="Example: copydesk deliveries list --sink desk --state rejected --since 2d")
def list_(
    sink: ListedSink = None,
    state: Annotated[str | None, typer.Option(help="waiting, done or rejected.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="2d, 6h or a date: recorded since then.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 50,
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """List deliveries, newest first: where each stands, and what its sink said."""
    from worker.state.ledger import DeliveryState

    if state is not None and state not in get_args(DeliveryState):
        raise typer.BadParameter("waiting, done or rejected", param_hint="--state")
    start = moment(since, "--since")
    with _ledger(config, profile) as (settings, ledger):
        _known(settings, sink)
        found = ledger.deliveries(limit, sink=sink, state=_state(state))
        if start is not None:
            found = list(takewhile(lambda one: one.recorded_at >= start, found))
        counts = ledger.counts().deliveries
    if json:
        for one in found:
            print_json(one.model_dump(mode="json", exclude={"delivery": {"body"}}))
        return
    if found:
        table = Table(box=None, pad_edge=False, expand=out().is_terminal)
        for column in ("id", "recorded", "sink", "route", "action", "state"):
            table.add_column(column, no_wrap=column in ("id", "recorded", "state"), min_width=8, overflow="fold")
        table.add_column("said", ratio=1, overflow="fold")
        for one in found:
            table.add_row(*_row(one))
        out().print(table)
    total = sum(sum(states.values()) for states in counts.values())
    each = [f"{name}: " + ", ".join(f"{s} {n:,}" for s, n in states.items()) for name, states in counts.items()]
    err().print("; ".join([f"{len(found):,} of {total:,} deliveries", *each]), markup=False, soft_wrap=True)
    if any(one.state != "done" for one in found):
        err().print("next, once the cause is mended: copydesk deliveries retry ID or --sink NAME", markup=False)


@deliveries.command(epilog="Example: copydesk deliveries retry 3f9a1c  ·  copydesk deliveries retry --sink desk")
def retry(
    named: Annotated[
        list[str] | None, typer.Argument(help="Ids, or at least 4 characters of their start.", metavar="ID…")
    ] = None,
    sink: Annotated[str | None, typer.Option("--sink", help="All of this sink that are rejected or wait.")] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Publish rejected or parked deliveries again. What was delivered stays as it is."""
    from worker.app import create, send
    from worker.cli.embedded import broker
    from worker.state.quarantine import open_quarantine

    if not named and not sink:
        raise typer.BadParameter("name deliveries, or a --sink", param_hint="ID…")
    with _ledger(config, profile) as (settings, ledger):
        _known(settings, sink)
        wanted = _wanted(ledger, named or (), sink)
        again: dict[str, list[Delivery]] = defaultdict(list)
        with broker(settings) as running:
            app = create(running, role="retry")
            for one in ledger.retry([standing.delivery.delivery_id for standing in wanted]):
                again[one.sink].append(one)
            for name, items in again.items():
                ledger.heal(name)  # its circuit too: the owner says that the cause is mended
                send(app, "deliver", items, sink=name)
            app.close()
        box = open_quarantine(settings.ledger_url)
        sent = {one.delivery_id for items in again.values() for one in items}
        box.drop(
            [
                item.quarantine_id
                for item in box.list(EVERY, stage="deliver")
                if item.item and Delivery.model_validate_json(item.item).delivery_id in sent
            ]
        )
        box.close()
    if json:
        print_json({name: len(items) for name, items in again.items()})
        return
    each = ", ".join(f"{name} {len(items):,}" for name, items in again.items())
    out().print(f"{counted(len(sent), 'delivery', 'deliveries')} published again" + (f": {each}" if each else ""))


def _wanted(ledger: Ledger, named: Sequence[str], sink: str | None) -> list[DeliveryStanding]:
    """The deliveries meant that are not done. Raises CopydeskError for an id that names none, or several."""
    open_ = [
        one for state in ("rejected", "waiting") for one in ledger.deliveries(EVERY, sink=sink, state=_state(state))
    ]
    if not named:
        return open_
    found = []
    for start in named:
        fitting = [one for one in open_ if one.delivery.delivery_id.startswith(start.lower())]
        if len(start) < LEAST_PREFIX or not fitting:
            raise CopydeskError(f"no delivery that waits or was rejected begins with {start!r}")
        if len(fitting) > 1:
            raise CopydeskError(f"{start!r} begins {len(fitting)} deliveries; give more characters")
        found += fitting
    return found


def _row(one: DeliveryStanding) -> tuple[str, ...]:
    said = one.status.replace("_", " ") if one.status and one.status != one.state else ""
    if one.waiting_until is not None:
        said += f" until {one.waiting_until:%H:%M:%S}"
    if one.attempts:
        said += f", {counted(one.attempts, 'try', 'tries')}"
    if one.detail:
        said += f": {one.detail}"
    delivery = one.delivery
    action = delivery.action.replace("_", " ")
    recorded = f"{one.recorded_at:%m-%d %H:%M:%S}"
    return delivery.delivery_id[:12], recorded, delivery.sink, delivery.route, action, one.state, said.lstrip(":, ")


def _state(state: str | None) -> DeliveryState | None:
    return state  # type: ignore[return-value]


def _known(settings: Settings, sink: str | None) -> None:
    if sink is not None:
        settings.sink(sink)


@contextmanager
def _ledger(config: Path | None, profile: str | None) -> Iterator[tuple[Settings, Ledger]]:
    from worker.state.ledger import open_ledger

    settings = settings_from(config, profile)
    ledger = open_ledger(settings.ledger_url)
    try:
        yield settings, ledger
    finally:
        ledger.close()
