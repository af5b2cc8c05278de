"""The command line: data on stdout, words on stderr; exit codes 0 (well), 1 (some of it went wrong), 2 (not begun).

Each verb imports what it needs when it runs. `copydesk try` is also spared the other verbs: its start is felt.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from worker import __version__
from worker.errors import ConfigError, CopydeskError
from worker.starting import uncollected

ROOMS = "run feed watching trying search export look status story routes deliveries care forget doctor metrics".split()


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"copydesk {__version__}")
        raise typer.Exit


def command_line(rooms: Sequence[str] = ROOMS) -> typer.Typer:
    """The verbs of these rooms."""
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
    app.callback()(_copydesk)
    for room in rooms:
        import_module(f"{__name__}.{room}").register(app)
    return app


def _copydesk(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """News ingestion: raw captures in, clean, deduplicated, classified and routed articles out."""


def main() -> None:
    """Run the command line; one clear line for what is wrong."""
    try:
        with uncollected():
            commands = command_line(["trying"] if sys.argv[1:2] == ["try"] else ROOMS)
        commands()
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
