"""What all suites share: the golden switch and the place of the labelled data."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regold", action="store_true", help="rewrite the expected files of the golden cases")


@pytest.fixture(scope="session")
def regold(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--regold"))
