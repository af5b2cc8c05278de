"""Health by files, not by the broker: alive is a file that is touched, ready is a file that is there.

A probe that asked the broker would call every worker dead when Redis is away, and restart them all at once.
"""

from __future__ import annotations

import time
from pathlib import Path

TOUCH_EVERY_S = 10.0
DEAD_AFTER_S = 60.0


def alive_file(data_dir: Path, node: str) -> Path:
    """Touched every 10 s by the worker of this node name while its event loop turns."""
    return data_dir / "run" / f"{node}.alive"


def ready_file(data_dir: Path, node: str) -> Path:
    """There while the worker of this node name takes messages."""
    return data_dir / "run" / f"{node}.ready"


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def is_alive(data_dir: Path, *, now: float | None = None) -> bool:
    """Whether any worker on this host was alive within the last minute."""
    now = time.time() if now is None else now
    files = (data_dir / "run").glob("*.alive")
    return any(now - path.stat().st_mtime < DEAD_AFTER_S for path in files)
