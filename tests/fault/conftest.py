"""How large the faults are, and what they cost: figures that `make fault` writes into docs/faults.md."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

HEAD = """# Faults survived

Written by `make fault`, never by hand. A row is the last run of its fault: real Redis, real worker processes, kills at
random moments. *Lost*: captures without their article in the SQLite store. *Doubled*: articles that stand there more
than once. *Recovered*: seconds from the last kill until every capture had its end, so it grows with the work left.

| Fault | Captures | Kills | Lost | Doubled | Recovered (s) | Date |
|---|--:|--:|--:|--:|--:|---|
"""
Figures = Callable[..., None]


@pytest.fixture(scope="session")
def captures() -> int:
    """Captures a fault: `make fault` says 5,000."""
    return int(os.environ.get("FAULT_CAPTURES", "1000"))


@pytest.fixture(scope="session")
def figures() -> Figures:
    """Notes at once what one fault cost. The table is written only where FAULT_TABLE names its file."""

    def note(fault: str, *, captures: int, kills: int, lost: int, doubled: int, recovered_s: float) -> None:
        if (table := os.environ.get("FAULT_TABLE")) is None:
            return
        path = Path(table)
        earlier = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        rows = {line.split("|")[1].strip(): line for line in earlier if re.match(r"\| F\d", line)}
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        rows[fault] = f"| {fault} | {captures:,} | {kills} | {lost} | {doubled} | {recovered_s:.0f} | {today} |"
        path.write_text(HEAD + "\n".join(rows[name] for name in sorted(rows)) + "\n", encoding="utf-8")

    return note
