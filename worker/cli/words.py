"""What all verbs share in speaking with people: the options that choose a configuration, the two consoles."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.settings import Settings, load

if TYPE_CHECKING:
    from rich.console import Console

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Folder of configuration.", envvar="COPYDESK_CONFIG", show_default=False)
]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="A file of profiles/: demo, dev, fused, prod, …", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout, for machines.")]


def settings_from(config: Path | None, profile: str | None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings a verb runs with."""
    return load(profile, config=config, overrides=overrides)


def out() -> Console:
    """The console of data: stdout."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    """The console of words: stderr."""
    from rich.console import Console

    return Console(file=sys.stderr, highlight=False)


def print_json(value: Any) -> None:
    """One JSON object on a line of stdout, at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def shortened(text: str | None, width: int) -> str:
    """`text` in at most `width` characters, with an ellipsis where it was cut.

    >>> shortened("a long headline", 7)
    'a long…'
    """
    flat = " ".join((text or "").split())
    return flat if len(flat) <= width else flat[: width - 1].rstrip() + "…"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "capture"), counted(3, "capture")
    ('1 capture', '3 captures')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
