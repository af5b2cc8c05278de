"""One suite, every ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from worker.errors import ConfigError, TransientError
from worker.models import Capture, Delivery, Receipt, delivery_id_of, digest_of
from worker.state.ledger import End, Ledger, Routed, Verdict, open_ledger
from worker.state.spool import ref_to

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
MakeCapture = Callable[..., Capture]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now.timestamp()

    def pass_(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "memory", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return {"sqlite": f"sqlite://{tmp_path}/state/ledger.db", "memory": "memory://"}[request.param]


@pytest.fixture
def ledger(url: str, clock: Clock) -> Iterator[Ledger]:
    ledger = open_ledger(url, clock=clock)
    yield ledger
    ledger.close()
    ledger.close()


def delivery_of(capture: Capture, sink: str) -> Delivery:
    return Delivery(
        delivery_id=delivery_id_of(sink, "upsert", capture.capture_id),
        capture_id=capture.capture_id,
        article_id=digest_of("article", capture.url),
        sink=sink,
        route="all",
        version=1,
        body=ref_to(capture.capture_id.encode()),
    )


def routed(capture: Capture, *sinks: str, kind: str = "new") -> Routed:
    verdict = Verdict.model_validate(
        {"article_id": digest_of("article", capture.url), "headline": "A headline", "kind": kind, "routes": ["all"]}
    )
    return Routed(
        capture_id=capture.capture_id,
        verdict=verdict,
        deliveries=tuple(delivery_of(capture, sink) for sink in sinks),
    )


def stored(capture: Capture, sink: str) -> Receipt:
    return Receipt(delivery_id=delivery_of(capture, sink).delivery_id, status="stored")


def states(ledger: Ledger) -> dict[str, int]:
    return dict(ledger.counts().states)


def test_a_capture_is_accepted_once_and_repeats_are_counted(ledger: Ledger, capture: MakeCapture) -> None:
    first = ledger.accept([capture(1), capture(2), capture(1)])

    again = ledger.accept([capture(2), capture(3)])

    assert (first, again) == ([True, True, False], [False, True])
    assert states(ledger) == {"accepted": 3}
    assert ledger.counts().ignored_redeliveries == 2


def test_the_first_end_stays(ledger: Ledger, capture: MakeCapture) -> None:
    ledger.accept([capture(1)])
    ledger.end([End(capture_id=capture(1).capture_id, state="dropped", reason="too_short", detail="9 words")])

    ledger.end([End(capture_id=capture(1).capture_id, state="quarantined", reason="bad_capture")])
    ledger.route([routed(capture(1), "sqlite")])

    counts = ledger.counts()
    assert counts.states == {"dropped": 1}
    assert counts.drop_reasons == {"too_short": 1}
    assert counts.deliveries == {}


def test_an_end_of_a_capture_that_was_never_accepted_is_recorded(ledger: Ledger, capture: MakeCapture) -> None:
    ledger.end([End(capture_id=capture(1).capture_id, state="dropped", reason="empty")])

    assert states(ledger) == {"dropped": 1}
    assert ledger.accept([capture(1)]) == [False]


def test_a_capture_is_stored_when_the_last_of_its_deliveries_is_done(ledger: Ledger, capture: MakeCapture) -> None:
    ledger.accept([capture(1)])
    to_publish = ledger.route([routed(capture(1), "jsonl", "sqlite")])

    ledger.receive([stored(capture(1), "jsonl")])
    between = states(ledger)
    ledger.receive([Receipt(delivery_id=delivery_of(capture(1), "sqlite").delivery_id, status="unchanged")])

    assert to_publish == [delivery_of(capture(1), "jsonl"), delivery_of(capture(1), "sqlite")]
    assert between == {"routed": 1}
    assert states(ledger) == {"stored": 1}
    assert ledger.counts().deliveries == {"jsonl": {"done": 1}, "sqlite": {"done": 1}}


def test_routing_again_asks_only_for_what_still_waits(ledger: Ledger, capture: MakeCapture) -> None:
    ledger.accept([capture(1), capture(2)])
    ledger.route([routed(capture(1), "jsonl", "sqlite"), routed(capture(2), "jsonl")])
    ledger.receive([stored(capture(1), "jsonl"), stored(capture(2), "jsonl")])

    again = ledger.route([routed(capture(1), "jsonl", "sqlite"), routed(capture(2), "jsonl")])

    assert again == [delivery_of(capture(1), "sqlite")]
    assert states(ledger) == {"routed": 1, "stored": 1}


@pytest.mark.parametrize(
    ("kind", "state", "reason"), [("near_copy", "duplicate", None), ("new", "dropped", "unrouted")]
)
def test_without_deliveries_a_copy_is_a_duplicate_and_the_rest_is_unrouted(
    ledger: Ledger, capture: MakeCapture, kind: str, state: str, reason: str | None
) -> None:
    ledger.accept([capture(1)])

    ledger.route([routed(capture(1), kind=kind)])

    trace = ledger.trace(capture(1).capture_id)
    assert trace is not None
    assert (trace.standing.state, trace.standing.reason) == (state, reason)
    assert ledger.counts().duplicate_kinds == {kind: 1}


def test_one_rejected_delivery_quarantines_the_capture_and_a_retry_mends_it(
    ledger: Ledger, capture: MakeCapture
) -> None:
    ledger.accept([capture(1)])
    ledger.route([routed(capture(1), "jsonl", "sqlite")])
    refused = delivery_of(capture(1), "sqlite").delivery_id

    ledger.receive(
        [stored(capture(1), "jsonl"), Receipt(delivery_id=refused, status="rejected", detail="too long a headline")]
    )
    after = states(ledger)
    again = ledger.retry([refused])
    ledger.receive([stored(capture(1), "sqlite")])

    assert after == {"quarantined": 1}
    assert again == [delivery_of(capture(1), "sqlite")]
    assert states(ledger) == {"stored": 1}


def test_a_late_retry_or_rejection_does_not_undo_what_is_done(ledger: Ledger, capture: MakeCapture) -> None:
    ledger.accept([capture(1)])
    ledger.route([routed(capture(1), "jsonl")])
    ledger.receive([stored(capture(1), "jsonl")])
    delivery_id = delivery_of(capture(1), "jsonl").delivery_id

    ledger.receive([Receipt(delivery_id=delivery_id, status="retry")])
    ledger.receive([Receipt(delivery_id=delivery_id, status="rejected")])

    assert states(ledger) == {"stored": 1}
    assert ledger.counts().deliveries == {"jsonl": {"done": 1}}


def test_unfinished_captures_are_found_once_a_round(ledger: Ledger, clock: Clock, capture: MakeCapture) -> None:
    ledger.accept([capture(1), capture(2), capture(3)])
    ledger.end([End(capture_id=capture(2).capture_id, state="dropped", reason="empty")])
    later = clock.pass_(60)
    ledger.accept([capture(4)])

    first = ledger.unfinished(later, limit=10)
    second = ledger.unfinished(later, limit=10)

    assert first == [capture(1), capture(3)]
    assert second == []
    assert len(ledger.unfinished(clock.pass_(60), limit=2)) == 2


def test_a_delivery_waits_as_long_as_the_sink_asked(ledger: Ledger, clock: Clock, capture: MakeCapture) -> None:
    ledger.accept([capture(1)])
    (delivery,) = ledger.route([routed(capture(1), "webhook")])

    ledger.receive(
        [Receipt(delivery_id=delivery.delivery_id, status="retry", detail="429", retry_after_s=120)],
    )

    assert ledger.due_deliveries(clock.pass_(60), older_than=clock.now, limit=10) == []
    assert ledger.due_deliveries(clock.pass_(61), older_than=clock.now, limit=10) == [delivery]
    (standing,) = ledger.deliveries(10)
    assert (standing.state, standing.status, standing.attempts, standing.detail) == ("waiting", "retry", 1, "429")


def test_a_delivery_that_is_not_told_how_long_waits_twice_as_long_each_time_up_to_a_limit(
    ledger: Ledger, clock: Clock, capture: MakeCapture
) -> None:
    ledger.accept([capture(1)])
    (delivery,) = ledger.route([routed(capture(1), "webhook")])
    waits = []

    for _ in range(6):
        ledger.receive([Receipt(delivery_id=delivery.delivery_id, status="retry")], delay_s=5, backoff_max_s=60)
        until = ledger.deliveries(1)[0].waiting_until
        assert until is not None
        waits.append((until - clock.now).total_seconds())

    assert waits == [5, 10, 20, 40, 60, 60]


def test_what_was_made_is_told_from_what_waits(ledger: Ledger, capture: MakeCapture) -> None:
    ledger.accept([capture(1)])
    made, waiting = ledger.route([routed(capture(1), "jsonl", "postgres")])

    ledger.receive([Receipt(delivery_id=made.delivery_id, status="stored")])

    assert ledger.done([made.delivery_id, waiting.delivery_id, "0" * 64]) == {made.delivery_id}


def test_a_delivery_that_nobody_touched_is_published_again_once_a_round(
    ledger: Ledger, clock: Clock, capture: MakeCapture
) -> None:
    ledger.accept([capture(1)])
    (delivery,) = ledger.route([routed(capture(1), "jsonl")])
    routed_at = clock.now

    early = ledger.due_deliveries(clock.now, older_than=routed_at - timedelta(seconds=1), limit=10)
    first = ledger.due_deliveries(clock.pass_(10), older_than=routed_at, limit=10)
    second = ledger.due_deliveries(clock.now, older_than=routed_at, limit=10)

    assert (early, first, second) == ([], [delivery], [])


def test_parked_deliveries_spend_no_attempt(ledger: Ledger, clock: Clock, capture: MakeCapture) -> None:
    ledger.accept([capture(1)])
    (delivery,) = ledger.route([routed(capture(1), "postgres")])

    ledger.park([delivery.delivery_id], clock.now + timedelta(hours=1))

    assert ledger.due_deliveries(clock.pass_(3500), older_than=clock.now, limit=10) == []
    assert ledger.due_deliveries(clock.pass_(101), older_than=clock.now, limit=10) == [delivery]
    assert ledger.deliveries(10)[0].attempts == 0


def test_a_circuit_opens_at_the_threshold_holds_only_its_sink_and_heals(
    ledger: Ledger, clock: Clock, capture: MakeCapture
) -> None:
    ledger.accept([capture(1)])
    down, well = ledger.route([routed(capture(1), "postgres", "jsonl")])

    strikes = [ledger.strike("postgres", threshold=3, pause_s=60) for _ in range(3)]

    assert strikes == [None, None, clock.now + timedelta(seconds=60)]
    assert ledger.due_deliveries(clock.pass_(1), older_than=clock.now, limit=10) == [well]
    assert ledger.due_deliveries(clock.pass_(60), older_than=clock.now - timedelta(seconds=61), limit=10) == [down]
    ledger.heal("postgres")
    assert ledger.circuits() == []


def test_a_quarantined_capture_is_reopened_and_may_end_anew(ledger: Ledger, capture: MakeCapture) -> None:
    ledger.accept([capture(1), capture(2)])
    ids = [capture(1).capture_id, capture(2).capture_id]
    ledger.end([End(capture_id=ids[0], state="quarantined", reason="out_of_memory")])
    ledger.end([End(capture_id=ids[1], state="dropped", reason="empty")])

    opened = ledger.reopen(ids)
    ledger.end([End(capture_id=ids[0], state="duplicate", verdict=Verdict(kind="exact_copy", of=ids[1]))])

    assert opened == [capture(1)]
    assert states(ledger) == {"duplicate": 1, "dropped": 1}


def test_a_reopened_capture_has_its_rejected_deliveries_made_again(ledger: Ledger, capture: MakeCapture) -> None:
    ledger.accept([capture(1)])
    (delivery,) = ledger.route([routed(capture(1), "sqlite")])
    ledger.receive([Receipt(delivery_id=delivery.delivery_id, status="rejected")])

    ledger.reopen([capture(1).capture_id])
    again = ledger.route([routed(capture(1), "sqlite")])
    ledger.receive([stored(capture(1), "sqlite")])

    assert again == [delivery]
    assert states(ledger) == {"stored": 1}


def test_a_capture_is_traced_by_id_prefix_article_url_or_the_inputs_own_id(
    ledger: Ledger, clock: Clock, capture: MakeCapture
) -> None:
    ledger.accept([capture(1), capture(2)])
    clock.pass_(1)
    ledger.route([routed(capture(1), "jsonl")])
    clock.pass_(1)
    ledger.receive([stored(capture(1), "jsonl")])
    one = capture(1)
    assert one.url is not None
    assert one.external_id is not None

    names = [one.capture_id, one.capture_id[:8], digest_of("article", one.url), one.url, one.external_id]
    traces = [ledger.trace(name) for name in names]

    assert all(trace == traces[0] for trace in traces)
    assert traces[0] is not None
    assert traces[0].capture == one
    assert traces[0].standing.verdict.headline == "A headline"
    assert traces[0].standing.accepted_at == NOW
    assert traces[0].standing.settled_at == NOW + timedelta(seconds=2)
    assert [(sent.delivery.sink, sent.state) for sent in traces[0].deliveries] == [("jsonl", "done")]
    assert ledger.trace("no such thing") is None
    assert ledger.trace("") is None


def test_recent_captures_come_newest_first_and_by_state(ledger: Ledger, capture: MakeCapture) -> None:
    ledger.accept([capture(1), capture(2), capture(3)])
    ledger.end([End(capture_id=capture(2).capture_id, state="dropped", reason="empty")])

    assert [row.external_id for row in ledger.recent(2)] == ["row-3", "row-2"]
    assert [row.external_id for row in ledger.recent(9, ["accepted"])] == ["row-3", "row-1"]


def test_expiry_forgets_what_ended_long_ago_and_nothing_else(
    ledger: Ledger, clock: Clock, capture: MakeCapture
) -> None:
    ledger.accept([capture(1), capture(2), capture(3)])
    ledger.route([routed(capture(1), "jsonl"), routed(capture(2), "jsonl")])
    ledger.receive([stored(capture(1), "jsonl")])

    gone = ledger.expire(clock.pass_(60))

    assert gone == 1
    assert states(ledger) == {"accepted": 1, "routed": 1}
    assert ledger.counts().deliveries == {"jsonl": {"waiting": 1}}
    assert ledger.accept([capture(1)]) == [True]


def test_nothing_of_an_empty_call_is_an_error(ledger: Ledger) -> None:
    assert ledger.accept([]) == []
    assert ledger.route([]) == []
    ledger.end([])
    ledger.receive([])
    assert ledger.counts().states == {}


def _accept_all(url: str, batches: list[list[Capture]]) -> int:
    ledger = open_ledger(url)
    new = 0
    for batch in batches:
        new += sum(ledger.accept(batch))
        ledger.route([routed(one, "jsonl") for one in batch])
        ledger.receive([stored(one, "jsonl") for one in batch])
    ledger.close()
    return new


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_four_processes_that_bring_the_same_captures_accept_each_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, capture: MakeCapture
) -> None:
    url = f"sqlite://{tmp_path}/ledger.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    batches = [[capture(start + number) for number in range(32)] for start in range(0, 640, 32)]

    with ProcessPoolExecutor(4) as pool:
        new = sum(pool.map(_accept_all, [url] * 4, [batches] * 4))

    ledger = open_ledger(url)
    assert new == 640
    assert states(ledger) == {"stored": 640}
    assert ledger.counts().ignored_redeliveries == 3 * 640
    ledger.close()


def test_a_file_that_is_no_ledger_and_a_folder_that_is_none_speak(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be looked at " * 50)

    with pytest.raises(ConfigError, match="damaged"):
        open_ledger(f"sqlite://{tmp_path}/notes.txt")
    with pytest.raises(TransientError):
        open_ledger(f"sqlite://{tmp_path}/notes.txt/ledger.db")
    with pytest.raises(ConfigError, match="mysql"):
        open_ledger("mysql://host/ledger")


def test_a_database_server_that_was_away_is_used_again(
    postgres_server: Any, postgres_url: str, capture: MakeCapture
) -> None:
    ledger = open_ledger(postgres_url)
    ledger.accept([capture(1)])
    postgres_server.stop()
    try:
        with pytest.raises(TransientError):
            ledger.accept([capture(2)])
    finally:
        postgres_server.start()

    assert ledger.accept([capture(1), capture(2)]) == [False, True]
    ledger.close()


def retraction_of(delivery: Delivery) -> Delivery:
    delivery_id = delivery_id_of(delivery.sink, "retract", delivery.article_id)
    return delivery.model_copy(update={"delivery_id": delivery_id, "action": "retract"})


def holders(ledger: Ledger, *ids: str) -> set[tuple[str, int]]:
    return {(held.delivery.sink, held.delivery.version) for held in ledger.holding(ids)}


def test_who_holds_an_article_is_known_by_its_capture_or_its_own_id(ledger: Ledger, capture: MakeCapture) -> None:
    first, other = capture(1), capture(2)
    ledger.accept([first, other])
    ledger.route([routed(first, "articles", "stream", "hook"), routed(other, "stream")])
    ledger.receive([stored(first, "articles")])
    ledger.receive([Receipt(delivery_id=delivery_of(first, "hook").delivery_id, status="rejected")])

    by_capture, by_article = ledger.holding([first.capture_id]), ledger.holding([digest_of("article", first.url)])

    assert {held.delivery.sink for held in by_capture} == {"articles", "stream"}  # one has it, one waits for it
    assert by_article == by_capture
    assert by_capture[0].capture == first
    assert by_capture[0].verdict.headline == "A headline"
    assert ledger.holding([]) == []


def test_a_retraction_is_recorded_once_and_what_waits_is_given_up(ledger: Ledger, capture: MakeCapture) -> None:
    one = capture(1)
    ledger.accept([one])
    ledger.route([routed(one, "articles", "stream")])
    ledger.receive([stored(one, "articles")])
    retractions = [retraction_of(held.delivery) for held in ledger.holding([one.capture_id])]

    recorded = ledger.withdraw(retractions)

    waiting = ledger.deliveries(10, state="waiting")
    assert {delivery.sink for delivery in recorded} == {"articles", "stream"}
    assert {standing.delivery.action for standing in waiting} == {"retract"}
    assert states(ledger) == {"routed": 1}  # until the sinks have taken it away
    assert holders(ledger, one.capture_id) == set()
    ledger.receive([Receipt(delivery_id=delivery.delivery_id, status="stored") for delivery in recorded])
    assert states(ledger) == {"stored": 1}
    assert ledger.withdraw(retractions) == []
    assert len(ledger.deliveries(10)) == 4


def test_what_is_newer_than_its_retraction_is_held(ledger: Ledger, capture: MakeCapture) -> None:
    one = capture(1)
    newer = delivery_of(one, "articles").model_copy(
        update={"version": 2, "delivery_id": delivery_id_of("articles", "upsert", "newer")}
    )
    ledger.accept([one])
    ledger.route([routed(one, "articles").model_copy(update={"deliveries": (delivery_of(one, "articles"), newer)})])

    ledger.withdraw([retraction_of(delivery_of(one, "articles"))])

    assert holders(ledger, one.capture_id) == {("articles", 2)}
    assert newer in [standing.delivery for standing in ledger.deliveries(10, state="waiting")]


def test_a_retraction_that_waits_outlives_the_expiry_of_its_capture(
    ledger: Ledger, clock: Clock, capture: MakeCapture
) -> None:
    one = capture(1)
    ledger.accept([one])
    ledger.route([routed(one, "articles")])
    ledger.receive([stored(one, "articles")])
    (retraction,) = ledger.withdraw([retraction_of(delivery_of(one, "articles"))])
    later = clock.pass_(3600)

    while_it_waits = ledger.expire(later)
    ledger.receive([Receipt(delivery_id=retraction.delivery_id, status="stored")])

    assert (while_it_waits, ledger.expire(later)) == (0, 1)


def test_a_forgotten_capture_is_found_by_its_names_which_stand_nowhere(ledger: Ledger, capture: MakeCapture) -> None:
    one, other = capture(1), capture(2)
    ledger.accept([one, other])
    verdict = Verdict(article_id=digest_of("article", one.url), headline="A secret headline", kind="new")
    ledger.route([Routed(capture_id=one.capture_id, verdict=verdict, deliveries=(delivery_of(one, "a"),))])
    assert one.url is not None

    forgotten = ledger.forget([one.capture_id])
    again = ledger.forget([one.capture_id])

    assert (forgotten, again) == (1, 0)
    for name in (one.url, one.capture_id, one.capture_id[:10], verdict.article_id or ""):
        (found,) = ledger.known_as(name)
        assert found.standing.capture_id == one.capture_id
        assert (found.standing.state, found.standing.reason, found.capture) == ("dropped", "forgotten", None)
        told = found.model_dump_json()
        assert one.url not in told
        assert "secret" not in told
    assert ledger.accept([one]) == [False]
    ledger.end([End(capture_id=one.capture_id, state="stored")])
    assert ledger.counts().drop_reasons == {"forgotten": 1}
    assert [found.standing.capture_id for found in ledger.known_as(other.url or "")] == [other.capture_id]
    assert ledger.known_as("nothing of the kind") == []


def test_one_name_finds_all_captures_of_its_article(ledger: Ledger, capture: MakeCapture) -> None:
    captures = [capture(1), capture(2), capture(3)]
    ledger.accept(captures)
    same = Verdict(article_id=digest_of("article", "same"))
    ledger.end([End(capture_id=one.capture_id, state="stored", verdict=same) for one in captures[:2]])

    found = ledger.known_as(captures[0].url or "")

    assert [one.standing.capture_id for one in found] == [one.capture_id for one in captures[:2]]
