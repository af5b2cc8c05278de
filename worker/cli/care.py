"""Taking care: `quarantine`, `reconcile`, `init`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, counted, err, out, print_json, settings_from, shortened
from worker.errors import CopydeskError

quarantine = typer.Typer(no_args_is_help=True, help="What could not be processed: list, show, replay, drop.")


def register(app: typer.Typer) -> None:
    app.add_typer(quarantine, name="quarantine")
    app.command(epilog="Example: copydesk reconcile")(reconcile)
    app.command(epilog="Example: copydesk init my-desk && copydesk up --config my-desk")(init)
