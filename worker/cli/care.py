"""Taking care: `quarantine`, `reconcile`, `init`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

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
    shortened,
)
from worker.errors import CopydeskError

quarantine = typer.Typer(no_args_is_help=True, help="What could not be processed: list, show, replay, drop.")


def register(app: typer.Typer) -> None:
    app.add_typer(quarantine, name="quarantine")
    app.command(epilog="Example: copydesk reconcile")(reconcile)
    app.command(epilog="Example: copydesk init my-desk && copydesk up --config my-desk")(init)


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
