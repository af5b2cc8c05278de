"""Taking care: `quarantine`, `reconcile`, `init`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from worker.cli.words import (
    ConfigOption,
    JsonOption,
    ProfileOption,
    counted,
    err,
    out,
    print_json,
    settings_from,
)
from worker.errors import CopydeskError
from worker.models import Delivery, Quarantined
from worker.settings import Settings

if TYPE_CHECKING:
    from worker.state.quarantine import Quarantine

quarantine = typer.Typer(no_args_is_help=True, help="What could not be processed: list, show, replay, drop.")


def register(app: typer.Typer) -> None:
    app.add_typer(quarantine, name="quarantine")
    app.command(epilog="Example: copydesk reconcile")(reconcile)
    app.command(epilog="Example: copydesk init my-desk && copydesk up --config my-desk")(init)


@quarantine.command("list", epilog="Example: copydesk quarantine list --reason crashed")
def list_(
    stage: Annotated[str | None, typer.Option(help="Only of this stage.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 50,
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """List what is quarantined, newest first."""
    from worker.intake import place

    with _opened(config, profile) as (_, box):
        items, counts = box.list(limit, stage=stage, reason=reason), box.count()
    if json:
        for item in items:
            print_json(item.model_dump(mode="json", exclude={"item"}))
        return
    if not items:
        err().print("nothing is quarantined")
        return
    table = Table(box=None, pad_edge=False, expand=True)
    for column, ratio in (("id", None), ("stage", None), ("reason", None), ("from", 1), ("detail", 2)):
        table.add_column(column, ratio=ratio, no_wrap=column != "detail", overflow="ellipsis")
    for item in items:
        origin = item.origin or (item.capture.origin if item.capture else None)
        where = place(origin) if origin else "–"
        table.add_row(item.quarantine_id[:12], item.stage, item.reason, where, item.detail)
    out().print(table)
    total = sum(counts.values())
    err().print(f"{counted(len(items), 'item')} of {total:,}; next: copydesk quarantine show ID, replay ID or drop ID")


@quarantine.command(epilog="Example: copydesk quarantine show 3f9a1c")
def show(
    named: Annotated[str, typer.Argument(help="An id, or at least 4 characters of its start.", metavar="ID")],
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Show all that is known of a quarantined item, as JSON."""
    with _opened(config, profile) as (_, box):
        for item in _found(box, named):
            print_json(item.model_dump(mode="json"))


@quarantine.command(epilog="Example: copydesk quarantine replay 3f9a1c  ·  copydesk quarantine replay --all")
def replay(
    named: Annotated[str | None, typer.Argument(help="An id, or the start of one.", metavar="ID")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything that is quarantined.")] = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Send quarantined items on their way again, once the cause is mended."""
    from worker.app import create, send
    from worker.cli.embedded import broker
    from worker.state.ledger import open_ledger

    with _opened(config, profile) as (settings, box):
        items = box.list(1_000_000) if all_ else _found(box, named or "")
        ledger = open_ledger(settings.ledger_url)
        sent: list[str] = []
        with broker(settings) as running:
            app = create(running, role="replay")
            for item in items:
                if item.capture is not None:
                    for capture in ledger.reopen([item.capture.capture_id]):
                        send(app, "normalize", [capture], priority=capture.priority)
                        sent.append(item.quarantine_id)
                elif item.stage == "deliver":
                    delivery = Delivery.model_validate_json(item.item)
                    for again in ledger.retry([delivery.delivery_id]):
                        send(app, "deliver", [again], sink=again.sink)
                        sent.append(item.quarantine_id)
            app.close()
        ledger.close()
        box.drop(sent)
    out().print(f"{counted(len(sent), 'item')} sent again")
    left = len(items) - len(sent)
    if left:
        err().print(
            f"{counted(left, 'item')} cannot be replayed: the record could not be read; mend it and enqueue it again"
        )
        raise typer.Exit(1)


@quarantine.command(epilog="Example: copydesk quarantine drop 3f9a1c")
def drop(
    named: Annotated[str, typer.Argument(help="An id, or the start of one.", metavar="ID")],
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Forget quarantined items for good."""
    with _opened(config, profile) as (_, box):
        dropped = box.drop([item.quarantine_id for item in _found(box, named)])
    out().print(f"{counted(dropped, 'item')} dropped")


@contextmanager
def _opened(config: Path | None, profile: str | None) -> Iterator[tuple[Settings, Quarantine]]:
    from worker.state.quarantine import open_quarantine

    settings = settings_from(config, profile)
    box = open_quarantine(settings.ledger_url)
    try:
        yield settings, box
    finally:
        box.close()


def _found(box: Quarantine, named: str) -> list[Quarantined]:
    items = box.show(named)
    if not items:
        raise CopydeskError(f"nothing quarantined begins with {named!r}; see: copydesk quarantine list")
    return items


def reconcile(json: JsonOption = False, config: ConfigOption = None, profile: ProfileOption = None) -> None:
    """Publish again what was accepted and fell between two chairs. Safe at any time; beat does it every minute."""
    from worker.app import create
    from worker.cli.embedded import broker
    from worker.reconcile import reconciled
    from worker.state.ledger import open_ledger

    settings = settings_from(config, profile)
    ledger = open_ledger(settings.ledger_url)
    with broker(settings) as running:
        app = create(running, role="reconcile")
        captures, deliveries = reconciled(app, ledger)
        app.close()
    ledger.close()
    if json:
        print_json({"captures": captures, "deliveries": deliveries})
    else:
        out().print(
            f"{counted(captures, 'capture')} and {counted(deliveries, 'delivery', 'deliveries')} published again"
        )


def init(folder: Annotated[Path, typer.Argument(help="The folder to make.")]) -> None:
    """Write a complete configuration to FOLDER, to be changed and used with --config."""
    from worker.settings import packaged_config

    if folder.exists() and any(folder.iterdir()):
        raise CopydeskError(f"{folder} is not empty; name a new folder")
    shutil.copytree(packaged_config(), folder, dirs_exist_ok=True)
    names = ", ".join(sorted(path.name for path in folder.glob("*.toml")))
    out().print(f"{folder}: {names} and profiles/", markup=False)
    err().print(f"next: copydesk check --config {folder}", markup=False)
