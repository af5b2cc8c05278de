"""Health by files, not by the broker: alive is a file that is touched, ready is a file that is there.

A probe that asked the broker would call every worker dead when Redis is away, and restart them all at once.
"""

from __future__ import annotations

from pathlib import Path

TOUCH_EVERY_S = 10.0  # a probe may call a worker dead after six missed touches


def alive_file(folder: Path) -> Path:
    """Touched every 10 s by a worker while its event loop turns."""
    return folder / "alive"


def ready_file(folder: Path) -> Path:
    """There while a worker takes messages."""
    return folder / "ready"


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
