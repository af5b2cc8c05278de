"""A sink that is away: its deliveries wait in the ledger, and nobody else notices."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from worker.models import (
    Article,
    Capture,
    CleanArticle,
    Delivery,
    DuplicateVerdict,
    Extractor,
    Origin,
    Provenance,
    RegionVerdict,
    TopicVerdict,
    capture_id_of,
    delivery_id_of,
    digest_of,
)
from worker.pipeline.courier import Courier
from worker.retraction import record_retractions
from worker.settings import Settings, SinkSpec, load
from worker.state.ledger import Ledger, Routed, Verdict, open_ledger
from worker.state.spool import Spool, open_spool, ref_to

CAPTURES = Path(__file__).parents[2] / "worker" / "samples" / "captures"
BOTH = '[[routes]]\nname = "all"\nsinks = ["articles", "stream"]\n'


def within(seconds: float, enough: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not enough():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.integration
def test_a_sink_that_is_away_holds_up_nobody_and_gets_everything_when_it_returns(desk: Any) -> None:
    (desk.settings.config_dir / "routes.toml").write_text(BOTH)
    desk.reload()
    in_the_way = desk.folder / "articles.sqlite"
    in_the_way.mkdir()
    workers = desk.workers()
    try:
        desk.run("enqueue", str(desk.write_stories(100)))
        assert within(60, lambda: desk.counts().deliveries.get("stream") == {"done": 100})
        assert within(60, lambda: desk.run("reconcile").returncode == 0 and bool(circuit_of(desk, "articles")))
        while_away = desk.counts()

        in_the_way.rmdir()
        returned = within(60, lambda: desk.run("reconcile").returncode == 0 and len(desk.stored()) == 100)
        counts = desk.wait_finished(100)
    finally:
        workers.stop()

    assert while_away.deliveries["articles"] == {"waiting": 100}
    assert "quarantined" not in while_away.states
    assert returned
    assert counts.states == {"stored": 100}
    assert counts.deliveries == {"articles": {"done": 100}, "stream": {"done": 100}}
    assert len(desk.lines()) == 100  # none was sent again to the sink that was there
    assert attempts_of(desk, "articles") == {0}
    assert circuit_of(desk, "articles") == []


def circuit_of(desk: Any, sink: str) -> list[Any]:
    ledger = open_ledger(desk.settings.ledger_url)
    found = [circuit for circuit in ledger.circuits() if circuit.sink == sink and circuit.open_until]
    ledger.close()
    return found


def attempts_of(desk: Any, sink: str) -> set[int]:
    ledger = open_ledger(desk.settings.ledger_url)
    found = {standing.attempts for standing in ledger.deliveries(1000, sink=sink)}
    ledger.close()
    return found


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Couriers:
    """Couriers of several processes over one ledger, under a clock of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.ledger: Ledger = open_ledger("memory://", clock=lambda: self.clock().timestamp())
        self.spool: Spool = open_spool("memory://")
        self.store = folder / "articles"
        spec = SinkSpec(name="lines", kind="jsonl", options={"folder": str(self.store)})
        self.settings: Settings = load("dev").model_copy(update={"sinks": (spec,)})
        self.made: list[Courier] = []

    def open(self) -> Courier:
        self.made.append(Courier(self.settings, self.spool, self.ledger, self.clock))
        return self.made[-1]

    def waiting(self, count: int) -> list[Delivery]:
        """So many deliveries, as `route` leaves them."""
        routed = []
        for number in range(count):
            clean = clean_article(number)
            (body,) = self.spool.put_many([clean.model_dump_json().encode()])
            capture_id = clean.article.capture.capture_id
            delivery = Delivery(
                delivery_id=delivery_id_of("lines", "upsert", clean.content_digest()),
                capture_id=capture_id,
                article_id=clean.article.article_id,
                sink="lines",
                route="all",
                version=1,
                body=body,
            )
            self.ledger.accept([clean.article.capture])
            routed.append(Routed(capture_id=capture_id, verdict=Verdict(), deliveries=(delivery,)))
        return self.ledger.route(routed)

    def turn(self, courier: Courier, minutes: float) -> int:
        """Let time pass, and deliver what the ledger publishes again; how many that were."""
        self.clock.now += timedelta(minutes=minutes)
        due = self.ledger.due_deliveries(self.clock.now, self.clock.now - timedelta(hours=1), 5000)
        if due:
            courier.deliver("lines", due)
        return len(due)

    def lines(self) -> int:
        path = self.store / "articles.jsonl"
        return len(path.read_text().splitlines()) if path.is_file() else 0


@pytest.fixture
def couriers(tmp_path: Path) -> Iterator[Couriers]:
    made = Couriers(tmp_path)
    yield made
    for courier in made.made:
        courier.close()
    made.ledger.close()


def test_a_sink_may_be_down_for_a_day_and_no_attempt_is_spent(couriers: Couriers) -> None:
    couriers.store.write_text("a file where the sink wants a folder")
    courier = couriers.open()
    deliveries = couriers.waiting(50)
    courier.deliver("lines", deliveries)

    published = sum(couriers.turn(courier, minutes=1) for _ in range(24 * 60))
    standing = couriers.ledger.deliveries(100)
    couriers.store.unlink()
    rounds = sum(couriers.turn(courier, minutes=1) > 0 for _ in range(10))

    assert {one.attempts for one in standing} == {0}
    assert {one.state for one in standing} == {"waiting"}
    assert 24 * 60 / 7 < published / 50 < 24 * 60 / 5 + 3  # one look every five minutes, a little later each
    assert rounds == 1
    assert couriers.lines() == 50
    assert couriers.ledger.counts().states == {"stored": 50}
    assert couriers.ledger.circuits() == []


def test_a_worker_that_starts_during_an_outage_heals_the_circuit_afterwards(couriers: Couriers) -> None:
    couriers.store.write_text("a file where the sink wants a folder")
    before, deliveries = couriers.open(), couriers.waiting(5)
    for delivery in deliveries[:3]:
        before.deliver("lines", [delivery])
    open_then = [circuit.open_until is not None for circuit in couriers.ledger.circuits()]

    after = couriers.open()
    parked = after.deliver("lines", deliveries[3:]).counts
    couriers.store.unlink()
    couriers.turn(after, minutes=10)

    assert open_then == [True]
    assert parked == {"delivered:parked": 2}
    assert couriers.lines() == 5
    assert couriers.ledger.circuits() == []


def test_a_message_that_comes_again_does_not_repeat_what_was_made(couriers: Couriers) -> None:
    courier, deliveries = couriers.open(), couriers.waiting(3)
    courier.deliver("lines", deliveries[:2])

    counts = courier.deliver("lines", deliveries).counts

    assert counts == {"delivered:repeat": 2, "delivered:stored": 1}
    assert couriers.lines() == 3


def test_a_message_of_a_delivery_that_was_retracted_meanwhile_misses_no_body(couriers: Couriers) -> None:
    courier, (delivery,) = couriers.open(), couriers.waiting(1)
    couriers.settings = couriers.settings.model_copy(
        update={"sinks": (SinkSpec(name="lines", kind="sqlite", options={"path": str(couriers.store)}),)}
    )
    keeper = couriers.open()
    couriers.spool.expire(-60)
    (retraction,) = record_retractions(couriers.ledger, couriers.spool, [delivery.capture_id])

    late = keeper.deliver("lines", [delivery])
    taken = courier.deliver("lines", [retraction])

    assert (late.counts, late.failed) == ({"delivered:repeat": 1}, [])
    assert taken.counts == {"delivered:stored": 1}


def test_workers_do_not_come_back_in_one_moment(couriers: Couriers) -> None:
    couriers.store.write_text("a file where the sink wants a folder")
    courier, deliveries = couriers.open(), couriers.waiting(2)

    for delivery in deliveries:
        courier.deliver("lines", [delivery])

    waits = {one.waiting_until for one in couriers.ledger.deliveries(10)}
    least = couriers.settings.retry.delay_s
    assert len(waits) == 2
    assert all(least <= (until - couriers.clock.now).total_seconds() <= 1.25 * least for until in waits if until)


def clean_article(number: int) -> CleanArticle:
    url = f"https://news.example/{number}"
    capture = Capture(
        capture_id=capture_id_of("wires", url, None, digest_of(number)),
        url=url,
        body=ref_to(b"page"),
        origin=Origin(location="pages.jsonl", record=number),
    )
    article = Article(
        capture=capture,
        article_id=digest_of("article", url),
        headline=f"Headline {number}",
        text=("A paragraph.",),
        extractor=Extractor(name="test", version="1", path="test"),
    )
    return CleanArticle(
        article=article,
        duplicate=DuplicateVerdict(kind="new", story_id=f"s{number}"),
        regions=RegionVerdict(gazetteer_version="1"),
        topics=TopicVerdict(release="1", model_version="1"),
        version=1,
        provenance=Provenance(pipeline_version="0", config_digest="0"),
    )


@pytest.mark.integration
def test_a_fuller_original_that_comes_second_tells_its_stores_that_it_stands_for_the_story(desk: Any) -> None:
    excerpt, original = CAPTURES / "04-sulawesi-excerpt.txt", CAPTURES / "05-sulawesi-earthquake.html"
    (desk.folder / "config" / "routes.toml").write_text(BOTH)
    workers = desk.workers()
    try:
        assert desk.run("enqueue", str(excerpt)).returncode == 0
        desk.wait_finished(1)
        assert desk.run("enqueue", str(original)).returncode == 0
        desk.wait_finished(2)
    finally:
        workers.stop()

    first, second = sorted(desk.lines(), key=lambda line: line["duplicate"]["kind"])
    rows = {row["article_id"]: row for row in desk.stored()}
    assert (first["delivery"]["action"], second["delivery"]["action"]) == ("upsert", "canonical_changed")
    assert (first["duplicate"]["kind"], second["duplicate"]["kind"]) == ("new", "supersedes")
    assert second["duplicate"]["of"] == first["capture"]["capture_id"]
    assert rows.keys() == {first["article_id"], second["article_id"]}
    assert {row["story_id"] for row in rows.values()} == {first["duplicate"]["story_id"]}


@pytest.mark.integration
def test_a_sink_that_has_the_earlier_article_is_told_even_when_no_route_takes_the_new_one_there(desk: Any) -> None:
    excerpt, original = CAPTURES / "04-sulawesi-excerpt.txt", CAPTURES / "05-sulawesi-earthquake.html"
    routes = desk.folder / "config" / "routes.toml"
    routes.write_text('[[routes]]\nname = "early"\nsinks = ["stream"]\n')
    workers = desk.workers()
    try:
        assert desk.run("enqueue", str(excerpt)).returncode == 0
        desk.wait_finished(1)
        workers.stop()
        routes.write_text('[[routes]]\nname = "late"\nsinks = ["articles"]\n')
        workers = desk.workers()
        assert desk.run("enqueue", str(original)).returncode == 0
        desk.wait_finished(2)
    finally:
        workers.stop()

    first, second = desk.lines()
    (row,) = desk.stored()
    assert (first["delivery"]["action"], first["delivery"]["route"]) == ("upsert", "early")
    assert (second["delivery"]["action"], second["delivery"]["route"]) == ("canonical_changed", "early")
    assert second["duplicate"]["of"] == first["capture"]["capture_id"]
    assert (row["article_id"], row["route"]) == (second["article_id"], "late")
