"""Labelled data for scoring. It is not part of the project: without it these tests are skipped by name."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = Path(__file__).with_name("floors.json")


@pytest.fixture(scope="session")
def labelled() -> Callable[[str], list[dict[str, Any]]]:
    """Rows of a labelled file, by its path below the data folder (COPYDESK_DATA, else ../shared/data)."""
    folder = Path(os.environ.get("COPYDESK_DATA", ROOT.parent / "shared" / "data"))

    def load(name: str) -> list[dict[str, Any]]:
        path = folder / name
        if not path.exists():
            pytest.skip(f"labelled data {name} is absent; set COPYDESK_DATA to its folder")
        floor = json.loads(FLOORS.read_text())["data"].get(name)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        if floor is not None and floor != digest:
            pytest.skip(f"labelled data {name} ({digest}) is not the edition the floors were measured on ({floor})")
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    return load


@pytest.fixture(scope="session")
def floors() -> dict[str, dict[str, float]]:
    """The least a score may be, by suite and measure. Floors only rise."""
    return json.loads(FLOORS.read_text())  # type: ignore[no-any-return]
