"""One suite, every quarantine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from worker.errors import ConfigError
from worker.models import Capture, Origin, Quarantined, digest_of
from worker.state.ledger import open_ledger
from worker.state.quarantine import Quarantine, open_quarantine
from worker.state.spool import ref_to

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "memory", "postgres"])
def quarantine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Quarantine]:
    urls = {"sqlite": f"sqlite://{tmp_path}/l.db", "memory": "memory://"}
    quarantine = open_quarantine(urls.get(request.param) or request.getfixturevalue("postgres_url"))
    yield quarantine
    quarantine.close()
    quarantine.close()


def item(number: int, reason: str = "bad_capture", capture: Capture | None = None, attempts: int = 1) -> Quarantined:
    return Quarantined(
        quarantine_id=digest_of("quarantine", number),
        stage="normalize",
        reason=reason,
        detail="the body is damaged",
        capture=capture,
        origin=Origin(location="in.jsonl", record=number),
        item='{"capture": "…"}',
        body=ref_to(b"raw"),
        quarantined_at=NOW + timedelta(seconds=number),
        attempts=attempts,
    )


def test_items_come_back_whole_and_newest_first(quarantine: Quarantine, capture: Callable[..., Capture]) -> None:
    items = [item(1, capture=capture(1)), item(3), item(2)]

    quarantine.put(items)

    assert quarantine.list(10) == [items[1], items[2], items[0]]
    assert quarantine.list(1) == [items[1]]


def test_items_are_listed_and_counted_by_reason_and_stage(quarantine: Quarantine) -> None:
    quarantine.put([item(1), item(2, "out_of_memory"), item(3)])

    assert quarantine.count() == {"bad_capture": 2, "out_of_memory": 1}
    assert quarantine.list(10, reason="out_of_memory") == [item(2, "out_of_memory")]
    assert quarantine.list(10, stage="route") == []


def test_the_same_item_again_replaces_the_first(quarantine: Quarantine) -> None:
    quarantine.put([item(1)])

    quarantine.put([item(1, "kills_its_process", attempts=3)])

    assert quarantine.list(10) == [item(1, "kills_its_process", attempts=3)]


def test_an_item_is_shown_by_the_start_of_its_id_or_its_captures(
    quarantine: Quarantine, capture: Callable[..., Capture]
) -> None:
    one = item(1, capture=capture(1))
    quarantine.put([one, item(2)])

    assert quarantine.show(one.quarantine_id[:10]) == [one]
    assert quarantine.show(capture(1).capture_id[:8]) == [one]
    assert quarantine.show("") == []
    assert quarantine.show("fff000fff") == []


def test_what_is_dropped_is_gone(quarantine: Quarantine) -> None:
    quarantine.put([item(1), item(2)])

    dropped = quarantine.drop([item(1).quarantine_id, digest_of("another")])

    assert dropped == 1
    assert quarantine.list(10) == [item(2)]


def test_the_quarantine_lives_in_the_ledgers_file(tmp_path: Path, capture: Callable[..., Capture]) -> None:
    url = f"sqlite://{tmp_path}/ledger.db"
    ledger, quarantine = open_ledger(url), open_quarantine(url)

    ledger.accept([capture(1)])
    quarantine.put([item(1)])

    assert open_quarantine(url).list(10) == [item(1)]
    assert ledger.counts().states == {"accepted": 1}
    ledger.close()
    quarantine.close()


def test_an_unknown_kind_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="mongodb"):
        open_quarantine("mongodb://host/x")
