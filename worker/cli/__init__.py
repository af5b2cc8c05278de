"""The command line: data on stdout, words on stderr; exit codes 0 (well), 1 (some of it went wrong), 2 (not begun).

Each verb imports what it needs when it runs, so that `copydesk --help` and `copydesk try` answer at once.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from worker import __version__
from worker.cli import (
    care,
    deliveries,
    doctor,
    export,
    feed,
    forget,
    look,
    metrics,
    routes,
    run,
    search,
    status,
    story,
    trying,
    watching,
)
from worker.errors import ConfigError, CopydeskError

app = typer.Typer(
    name="copydesk",
    help="News ingestion: raw captures in, clean, deduplicated, classified and routed articles out.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: copydesk demo",
)

for room in (
    run,
    feed,
    watching,
    trying,
    search,
    export,
    look,
    status,
    story,
    routes,
    deliveries,
    care,
    forget,
    doctor,
    metrics,
):
    room.register(app)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"copydesk {__version__}")
        raise typer.Exit


@app.callback()
def _copydesk(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """News ingestion: raw captures in, clean, deduplicated, classified and routed articles out."""


def main() -> None:
    """Run the command line; one clear line for what is wrong."""
    try:
        app()
    except ConfigError as exc:
        sys.exit(_say(exc, 2))
    except CopydeskError as exc:
        sys.exit(_say(exc, 1))
    except BrokenPipeError:  # the reader of our output has gone: not an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(error: Exception, code: int) -> int:
    print(f"copydesk: {error}", file=sys.stderr)
    return code
