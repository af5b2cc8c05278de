"""One suite, every place for the marks of a producer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.state.readings import Mark, Readings, open_readings


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite://{tmp_path}/ledger.db"


@pytest.fixture
def readings(url: str) -> Iterator[Readings]:
    readings = open_readings(url)
    yield readings
    readings.close()
    readings.close()


def test_what_was_never_begun_has_a_fresh_mark(readings: Readings) -> None:
    assert readings.mark("captures.warc") == Mark()


def test_the_last_mark_stays_for_whoever_comes_next(readings: Readings, url: str) -> None:
    readings.put({"captures.warc": Mark(512, 3), "other.jsonl": Mark(7, 1, True)})
    readings.put({"captures.warc": Mark(2**40, 1)})

    next_one = open_readings(url)

    assert next_one.mark("captures.warc") == Mark(2**40, 1)
    assert next_one.mark("other.jsonl") == Mark(7, 1, True)
    next_one.close()
