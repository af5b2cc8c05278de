"""What is kept goes after its own days, and nothing else with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from worker.app import create
from worker.errors import ConfigError
from worker.expiry import Expired, expired
from worker.models import Origin, Quarantined, Reference, digest_of
from worker.settings import Keep, load
from worker.state.ledger import End, Ledger, open_ledger
from worker.state.quarantine import Quarantine, open_quarantine
from worker.state.redis_server import connect
from worker.state.spool import DAY_S, Spool, open_spool
from worker.state.told import Told, open_told
from worker.tasks import housekeeping

pytestmark = pytest.mark.integration


class Kept(NamedTuple):
    spool: Spool
    ledger: Ledger
    quarantine: Quarantine
    told: Told

    def counts(self, ref: Any) -> dict[str, int]:
        body = isinstance(self.spool.get_many([ref])[0], bytes)
        captures = sum(self.ledger.counts().states.values())
        quarantined = sum(self.quarantine.count().values())
        return {
            "bodies": int(body),
            "captures": captures,
            "quarantined": quarantined,
            "references": int(not self.told.empty()),
        }


@pytest.fixture
def kept(desk: Any) -> Iterator[tuple[Kept, Any]]:
    """One of each kind, just put."""
    url = desk.settings.ledger_url
    with ExitStack() as stack:
        spool = stack.enter_context(closing(open_spool(desk.settings.spool_url)))
        ledger = stack.enter_context(closing(open_ledger(url)))
        quarantine = stack.enter_context(closing(open_quarantine(url)))
        told = stack.enter_context(closing(open_told(url)))
        ref = spool.put(b"a page")
        ledger.end([End(capture_id=digest_of("capture"), state="stored")])
        now = datetime.now(UTC)
        quarantine.put(
            [Quarantined(quarantine_id=digest_of(1), stage="source", reason="a", detail="b", quarantined_at=now)]
        )
        told.put({"page": Reference(url="https://a.example/", origin=Origin(location="feed"))})
        yield Kept(spool, ledger, quarantine, told), ref


@pytest.mark.parametrize(
    ("days", "went"),
    [
        ({"spool_days": 0}, {"bodies"}),
        ({"ledger_days": 0}, {"captures", "references"}),
        ({"quarantine_days": 0}, {"quarantined"}),
        ({}, set()),
    ],
)
def test_each_kind_goes_after_its_own_days(kept: tuple[Kept, Any], days: dict[str, float], went: set[str]) -> None:
    stores, ref = kept

    told = expired(Keep(**days), **stores._asdict())

    assert {name for name, count in told._asdict().items() if count} == went
    left = stores.counts(ref)
    assert {name for name in Expired._fields if not left[name]} == went


def test_the_clock_of_the_workers_forgets_by_the_settings(desk: Any, kept: tuple[Kept, Any]) -> None:
    stores, ref = kept
    profile = desk.settings.config_dir / "profiles" / "test.toml"
    profile.write_text(profile.read_text() + "\n[keep]\nspool_days = 0\nledger_days = 0\nquarantine_days = 0\n")
    desk.reload()
    app = create(desk.settings, role="worker")
    workers = desk.workers(processes=1)
    try:
        assert "expire" in app.conf.beat_schedule
        app.send_task(housekeeping.expire.name, queue="housekeeping")
        done = desk.folder / "worker.log"
        _until(lambda: "old.expired" in done.read_text())
    finally:
        workers.stop()
        app.close()

    assert not any(stores.counts(ref).values())


def test_a_spool_in_redis_keeps_as_long_as_it_is_told(desk: Any) -> None:
    from worker.pipeline import Pipeline

    url = desk.settings.broker.url
    changed = {"spool": desk.settings.spool.model_copy(update={"url": url}), "keep": Keep(spool_days=2)}
    pipeline = Pipeline.open(desk.settings.model_copy(update=changed))
    ref = pipeline.spool.put(b"a page")
    pipeline.close()

    client = connect(url)
    left_s = client.ttl(f"copydesk:body:{ref.digest}")
    client.close()

    assert 2 * DAY_S - 60 < left_s <= 2 * DAY_S


def test_what_the_ledger_forgot_cannot_be_replayed_so_the_longer_quarantine_is_refused(desk: Any) -> None:
    with pytest.raises(ConfigError, match=r"keep.quarantine_days must be ≤ keep.ledger_days"):
        load("test", config=desk.settings.config_dir, overrides={"keep": {"ledger_days": 30}})


def _until(holds: Any, within_s: float = 60) -> None:
    import time

    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)
