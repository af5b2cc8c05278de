"""A ledger of an older copydesk is migrated and works; one of a newer copydesk is worked on, or refused.

`tests/golden/ledgers` holds a dump of a ledger as each step of the schema left it, with captures in every state. A
dump is never changed; a new step comes with the dump of the step before it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from worker.errors import ConfigError
from worker.models import Capture, Receipt
from worker.state.database import Database, open_database
from worker.state.database.look import look_at
from worker.state.database.schema import LEAST_STEPS, MIGRATIONS
from worker.state.ledger import LedgerCounts, open_ledger
from worker.state.polls import open_polls
from worker.state.quarantine import open_quarantine
from worker.state.readings import open_readings
from worker.state.told import open_told

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "ledgers"
KINDS = ("sqlite", "postgresql")
OLDER = [(kind, step) for kind in KINDS for step in range(1, len(MIGRATIONS))]
NOW = datetime(2026, 1, 5, 13, tzinfo=UTC)  # an hour after the dumps were made
# What a newer copydesk may do without harm to this one.
ADDS = (
    "ALTER TABLE captures ADD COLUMN of_tomorrow TEXT",
    "ALTER TABLE deliveries ADD COLUMN of_tomorrow INTEGER NOT NULL DEFAULT 7",
    "CREATE TABLE of_tomorrow (name TEXT PRIMARY KEY)",
    "CREATE INDEX captures_of_tomorrow ON captures (of_tomorrow)",
)


@pytest.fixture
def older(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str, int], str]:
    """The URL of a ledger as `step` steps of the schema left it."""

    def restore(kind: str, step: int) -> str:
        dump = (GOLDEN / f"{kind}-{step}.sql").read_text(encoding="utf-8")
        if kind == "postgresql":
            import psycopg

            url = str(request.getfixturevalue("postgres_url"))
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(dump.encode())
            return url
        with contextlib.closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as file:
            file.executescript(dump)
        return f"sqlite://{tmp_path}/ledger.sqlite"

    return restore


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, older: Callable[[str, int], str]) -> str:
    """A ledger that was migrated from its first step to the last."""
    made = older(request.param, 1)
    open_ledger(made).close()
    return made


def take_a_step_of_tomorrow(url: str, *, least: int) -> None:
    """What a newer copydesk does when it migrates a ledger for which one must know `least` steps."""
    database: Database = open_database(url)
    with database.write() as connection:
        for statement in ADDS:
            connection.execute(statement)
        connection.execute("UPDATE least_steps SET steps = :least", {"least": least})
        if url.startswith("postgresql"):
            connection.execute("INSERT INTO steps VALUES (:step)", {"step": len(MIGRATIONS)})
        else:
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()


def test_every_older_step_has_its_dump() -> None:
    assert {path.stem for path in GOLDEN.glob("*.sql")} >= {f"{kind}-{step}" for kind, step in OLDER}


@pytest.mark.parametrize(("kind", "step"), OLDER)
def test_a_ledger_of_an_older_copydesk_is_migrated_and_works(
    kind: str, step: int, older: Callable[[str, int], str], capture: Callable[..., Capture]
) -> None:
    url = older(kind, step)
    before = look_at(url)
    ledger = open_ledger(url, clock=NOW.timestamp)
    held = ledger.counts()
    (unfinished,) = ledger.unfinished(NOW, 10)
    due = ledger.due_deliveries(NOW, NOW - timedelta(minutes=1), 10)
    again = ledger.accept([capture(1), capture(100)])
    ledger.receive([Receipt(delivery_id=one.delivery_id, status="stored") for one in due])
    box = open_quarantine(url)
    quarantined = box.list(10)
    reopened = ledger.reopen([quarantined[0].capture.capture_id] if quarantined[0].capture else [])
    gone = ledger.expire(NOW + timedelta(minutes=1))

    assert (before.version, before.misfit) == (step, None)
    assert look_at(url).version == len(MIGRATIONS)
    assert held == LedgerCounts(
        states={"accepted": 1, "routed": 2, "stored": 1, "dropped": 1, "duplicate": 1, "quarantined": 2},
        drop_reasons={"too_short": 1},
        duplicate_kinds={"new": 4, "near_copy": 1},
        deliveries={"sqlite": {"waiting": 1, "done": 2, "rejected": 1}, "webhook": {"waiting": 1}},
        ignored_redeliveries=1,
    )
    assert unfinished == capture(1)
    assert {one.sink for one in due} == {"sqlite", "webhook"}
    assert again == [False, True]
    assert [one.reason for one in quarantined] == ["bad_capture"]
    assert reopened == [capture(7)]
    assert gone == 6  # stored, dropped, duplicate, rejected, and the two routed that now are stored
    assert ledger.counts().states == {"accepted": 3}
    ledger.close()
    box.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_later_steps_added_works_in_a_migrated_ledger(kind: str, older: Callable[[str, int], str]) -> None:
    url = older(kind, 1)

    readings, polls, told = open_readings(url), open_polls(url), open_told(url)
    for opened in (readings, polls, told):
        opened.close()

    tables = open_database(url)
    for table in ("readings", "polls", "told"):
        assert tables.rows(f"SELECT count(*) AS rows FROM {table}")[0]["rows"] == 0
    assert tables.rows("SELECT steps FROM least_steps")[0]["steps"] == LEAST_STEPS
    tables.close()


@pytest.mark.parametrize("kind", KINDS)
def test_workers_that_start_together_migrate_it_once(kind: str, older: Callable[[str, int], str]) -> None:
    url = older(kind, 1)

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _: counts_of(url), range(8)))

    assert len({str(one) for one in counts}) == 1
    assert look_at(url).version == len(MIGRATIONS)


def test_an_older_worker_goes_on_beside_a_newer_one_that_only_added(url: str, capture: Callable[..., Capture]) -> None:
    running = open_ledger(url)  # it has been at work since before the upgrade
    for number in range(200, 210):  # so often that PostgreSQL has planned its statements
        running.accept([capture(number)])
        running.trace(capture(number).capture_id)
    take_a_step_of_tomorrow(url, least=LEAST_STEPS)

    running.accept([capture(300)])
    fresh = open_ledger(url)  # of a child that was recycled meanwhile
    fresh.accept([capture(301)])
    found = [ledger.trace(capture(number).capture_id) for ledger in (running, fresh) for number in (300, 301)]

    assert [one.standing.state for one in found if one] == ["accepted"] * 4
    assert look_at(url).misfit is None
    running.close()
    fresh.close()


def test_an_older_worker_is_refused_where_a_newer_one_changed_what_it_relies_on(url: str) -> None:
    take_a_step_of_tomorrow(url, least=len(MIGRATIONS) + 1)

    with pytest.raises(ConfigError) as told:
        open_ledger(url)

    assert str(told.value) == look_at(url).misfit
    assert f"(step {len(MIGRATIONS) + 1}; this one knows {len(MIGRATIONS)}): upgrade this one" in str(told.value)
    assert "runbook" in str(told.value)


def test_an_older_one_that_migrates_nothing_leaves_the_mark_of_the_newer_one(url: str) -> None:
    take_a_step_of_tomorrow(url, least=LEAST_STEPS)

    open_ledger(url).close()

    database: Any = open_database(url)
    assert look_at(url).version == len(MIGRATIONS) + 1
    assert database.rows("SELECT steps FROM least_steps")[0]["steps"] == LEAST_STEPS
    database.close()


def counts_of(url: str) -> LedgerCounts:
    ledger = open_ledger(url)
    try:
        return ledger.counts()
    finally:
        ledger.close()
