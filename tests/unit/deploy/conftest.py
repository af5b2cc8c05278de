"""What the checks of the deployment share: the root of the project and its default settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.settings import Settings, load


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def settings(root: Path) -> Settings:
    return load("", config=root / "config")
