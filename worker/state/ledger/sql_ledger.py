"""The ledger in a database: SQLite for one host, PostgreSQL for many; in memory for `try` and tests."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from worker.models import (
    TERMINAL_STATES,
    ArticleId,
    Capture,
    CaptureId,
    CaptureState,
    Delivery,
    DeliveryId,
    Receipt,
    digest_of,
)
from worker.state.database import Database, Row, Transaction
from worker.state.ledger import (
    FORGOTTEN,
    Circuit,
    DeliveryStanding,
    DeliveryState,
    End,
    Holding,
    LedgerCounts,
    Routed,
    Standing,
    Trace,
    Verdict,
)
from worker.state.ledger import statements as sql
from worker.state.ledger.rows import delivery_standing, holding, instant, standing

LEAST_PREFIX = 6
EXPIRE_AT_ONCE = 1000  # captures in one transaction, so that writers get their turn
COPIES = {"near_copy", "excerpt", "exact_copy", "recapture"}


class SqlLedger:
    def __init__(self, database: Database, *, clock: Callable[[], float] | None = None) -> None:
        self._database = database
        self._clock = clock or time.time

    def accept(self, captures: Sequence[Capture]) -> list[bool]:
        now = self._clock()
        made = [_acceptance(capture, now) for capture in captures]  # before the lock, which all processes share
        with self._database.write() as connection:
            held = set(_held(connection, [capture.capture_id for capture in captures]))
            answers, rows = [], []
            for capture, row in zip(captures, made, strict=True):
                answers.append(capture.capture_id not in held)
                if answers[-1]:
                    held.add(capture.capture_id)
                    rows.append(row)
            connection.executemany(sql.ACCEPT, rows)
            if repeats := answers.count(False):
                connection.execute(sql.IGNORE, {"count": repeats})
        return answers

    def end(self, ends: Sequence[End]) -> None:
        now = self._clock()
        made = [_settlement(end, now) for end in ends]
        with self._database.write() as connection:
            connection.executemany(sql.SETTLE, made)

    def route(self, routed: Sequence[Routed]) -> list[Delivery]:
        now = self._clock()
        given = [one.capture_id for one in routed]
        made = [(one, _routing(one, now), [_record(delivery, now) for delivery in one.deliveries]) for one in routed]
        with self._database.write() as connection:
            held = _held(connection, given)
            made = [each for each in made if each[0].capture_id not in held or not held[each[0].capture_id].settled]
            connection.executemany(sql.SETTLE, [routing for _, routing, _ in made])
            if unknown := [name for name in given if name not in held]:
                held |= _held(connection, unknown)
            connection.executemany(
                sql.RECORD, [record | {"n": held[one.capture_id].n} for one, _, records in made for record in records]
            )
            waiting = _waiting(connection, [delivery for one in routed for delivery in one.deliveries])
            # routed again after all its deliveries were made, as when a worker died between the two
            again = [
                held[one.capture_id].n
                for one, _, _ in made
                if one.deliveries and waiting.isdisjoint([delivery.delivery_id for delivery in one.deliveries])
            ]
            if again:
                connection.execute(sql.SETTLE_DELIVERED, {"ids": _json(again), "now": now})
        return [delivery for one in routed for delivery in one.deliveries if delivery.delivery_id in waiting]

    def receive(self, receipts: Sequence[Receipt], *, delay_s: float = 0, backoff_max_s: float = 0) -> None:
        now = self._clock()
        backoff = {"now": now, "delay_s": delay_s, "backoff_max_s": backoff_max_s}
        kinds: dict[str, list[dict[str, object]]] = defaultdict(list)
        for receipt in receipts:
            kinds[receipt.status].append(receipt.model_dump() | backoff)
        rejected, again = kinds.pop("rejected", []), kinds.pop("retry", [])
        done = [row for rows in kinds.values() for row in rows]
        with self._database.write() as connection:
            connection.executemany(sql.DONE, done)
            connection.executemany(sql.REJECTED, rejected)
            connection.executemany(sql.AGAIN, again)
            owners = connection.execute(sql.OWNERS, {"ids": _json(row["delivery_id"] for row in done)})
            ids = _json(row["n"] for row in owners)
            connection.execute(sql.SETTLE_DELIVERED, {"ids": ids, "now": now})
            if rejected:
                ids = _json(row["delivery_id"] for row in rejected)
                connection.execute(sql.SETTLE_REJECTED, {"ids": ids, "now": now})

    def done(self, delivery_ids: Sequence[DeliveryId]) -> set[DeliveryId]:
        return {row["delivery_id"] for row in self._database.rows(sql.ARE_DONE, {"ids": _json(delivery_ids)})}

    def park(self, delivery_ids: Sequence[DeliveryId], until: datetime) -> None:
        values = {"ids": _json(delivery_ids), "until": until.timestamp(), "now": self._clock()}
        with self._database.write() as connection:
            connection.execute(sql.PARK, values)

    def unfinished(self, accepted_before: datetime, limit: int) -> list[Capture]:
        with self._database.write() as connection:
            values: dict[str, object] = {"before": accepted_before.timestamp(), "limit": limit}
            rows = connection.execute(sql.UNFINISHED, values).fetchall()
            ids = _json(row["n"] for row in rows)
            connection.execute(sql.SENT, {"ids": ids, "now": self._clock()})
        return [Capture.model_validate_json(row["capture"]) for row in rows]

    def due_deliveries(self, now: datetime, older_than: datetime, limit: int) -> list[Delivery]:
        values: dict[str, object] = {"now": now.timestamp(), "older_than": older_than.timestamp(), "limit": limit}
        with self._database.write() as connection:
            rows = connection.execute(sql.DUE, values).fetchall()
            ids = _json(row["delivery_id"] for row in rows)
            connection.execute(sql.PUBLISHED, {"ids": ids, "now": now.timestamp()})
        return [Delivery.model_validate_json(row["delivery"]) for row in rows]

    def reopen(self, capture_ids: Sequence[CaptureId]) -> list[Capture]:
        values = {"ids": _json(capture_ids), "now": self._clock()}
        with self._database.write() as connection:
            rows = connection.execute(sql.REOPENABLE, values).fetchall()
            connection.execute(sql.REOPEN, values)
        return [Capture.model_validate_json(row["capture"]) for row in rows]

    def retry(self, delivery_ids: Sequence[DeliveryId]) -> list[Delivery]:
        values = {"ids": _json(delivery_ids), "now": self._clock()}
        with self._database.write() as connection:
            rows = connection.execute(sql.RETRIABLE, values).fetchall()
            connection.execute(sql.RETRY, values)
            connection.execute(sql.RETRY_CAPTURES, values)
        return [Delivery.model_validate_json(row["delivery"]) for row in rows]

    def holding(self, ids: Sequence[CaptureId | ArticleId]) -> list[Holding]:
        latest: dict[tuple[str, ArticleId], Holding] = {}
        for row in self._database.rows(sql.HOLDING, {"ids": _json(ids)}):
            one = holding(row)
            where = one.delivery.sink, one.delivery.article_id
            if where not in latest or _order(latest[where].delivery) <= _order(one.delivery):
                latest[where] = one
        return [one for one in latest.values() if one.delivery.action != "retract"]

    def withdraw(self, retractions: Sequence[Delivery]) -> list[Delivery]:
        now = self._clock()
        retracted = {(one.sink, one.article_id): one.version for one in retractions}
        with self._database.write() as connection:
            held = _held(connection, [one.capture_id for one in retractions])
            known = [one for one in retractions if one.capture_id in held]
            ids = _json({name for one in known for name in (one.article_id, one.capture_id)})
            rows = connection.execute(sql.HOLDING, {"ids": ids}).fetchall()
            given_up = {}
            for row in rows:
                waits = Delivery.model_validate_json(row["delivery"])
                version = retracted.get((waits.sink, waits.article_id), waits.version - 1)
                if row["state"] == "waiting" and waits.action != "retract" and waits.version <= version:
                    given_up[row["delivery_id"]] = row["n"]
            connection.executemany(sql.RECORD, [_record(one, now) | {"n": held[one.capture_id].n} for one in known])
            connection.execute(sql.GIVE_UP, {"ids": _json(given_up), "now": now})
            connection.execute(sql.SETTLE_DELIVERED, {"ids": _json(set(given_up.values())), "now": now})
            waiting = _waiting(connection, known)
        return [one for one in known if one.delivery_id in waiting]

    def strike(self, sink: str, *, threshold: int, pause_s: float) -> datetime | None:
        values = {"sink": sink, "threshold": threshold, "until": self._clock() + pause_s}
        with self._database.write() as connection:
            return instant(connection.execute(sql.STRIKE, values).fetchone()["open_until"])

    def heal(self, sink: str) -> None:
        if any(circuit.sink == sink for circuit in self.circuits()):  # a write lock only where there is need
            with self._database.write() as connection:
                connection.execute(sql.HEAL, {"sink": sink})

    def circuits(self) -> list[Circuit]:
        return [
            Circuit(sink=row["sink"], failures=row["failures"], open_until=instant(row["open_until"]))
            for row in self._database.rows(sql.CIRCUITS)
        ]

    def counts(self) -> LedgerCounts:
        states: dict[CaptureState, int] = defaultdict(int)
        reasons: dict[str, int] = defaultdict(int)
        kinds: dict[str, int] = defaultdict(int)
        for row in self._database.rows(sql.COUNT_CAPTURES):
            states[row["state"]] += row["count"]
            if row["state"] == "dropped":
                reasons[row["reason"] or "unknown"] += row["count"]
            if row["kind"] is not None:
                kinds[row["kind"]] += row["count"]
        deliveries: dict[str, dict[DeliveryState, int]] = defaultdict(dict)
        for row in self._database.rows(sql.COUNT_DELIVERIES):
            deliveries[row["sink"]][cast(DeliveryState, row["state"])] = row["count"]
        return LedgerCounts(
            states=states,
            drop_reasons=reasons,
            duplicate_kinds=kinds,
            deliveries=deliveries,
            ignored_redeliveries=sum(row["count"] for row in self._database.rows(sql.COUNT_IGNORED)),
        )

    def trace(self, named: str) -> Trace | None:
        ways = sql.NAMED + (sql.NAMED_BY_PREFIX if len(named) >= LEAST_PREFIX else ())
        for name in (named, _forgotten_name(named)):
            for way in ways:
                for row in self._database.rows(way, {"named": name}):
                    return self._trace(row)
        return None

    def _trace(self, row: Row) -> Trace:
        sent = self._database.rows(sql.DELIVERIES_OF, {"n": row["n"]})
        return Trace(
            standing=standing(row),
            capture=None if row["capture"] is None else Capture.model_validate_json(row["capture"]),
            deliveries=tuple(delivery_standing(one) for one in sent),
        )

    def known_as(self, named: str) -> list[Trace]:
        values = {"named": named, "digest": _forgotten_name(named)}
        rows = self._database.rows(sql.KNOWN_AS, values)
        if not rows and len(named) >= LEAST_PREFIX:
            rows = self._database.rows(sql.KNOWN_BY_PREFIX, {"named": named})
        articles = {row["article_id"] for row in rows} - {None}
        siblings = self._database.rows(sql.OF_ARTICLES, {"ids": _json(sorted(articles))})
        found = {row["n"]: row for row in [*rows, *siblings]}
        return [self._trace(found[n]) for n in sorted(found)]

    def forget(self, capture_ids: Sequence[CaptureId]) -> int:
        now = self._clock()
        with self._database.write() as connection:
            rows = connection.execute(sql.NAMES, {"ids": _json(capture_ids)}).fetchall()
            left = [row for row in rows if row["reason"] != FORGOTTEN]
            connection.executemany(
                sql.FORGET,
                [
                    {"n": row["n"], "now": now, **{key: _forgotten_name(row[key]) for key in ("url", "external_id")}}
                    for row in left
                ],
            )
        return len(left)

    def recent(self, limit: int, states: Iterable[CaptureState] = ()) -> list[Standing]:
        return [standing(row) for row in self._database.rows(sql.RECENT, {"states": _json(states), "limit": limit})]

    def deliveries(
        self, limit: int, *, sink: str | None = None, state: DeliveryState | None = None
    ) -> list[DeliveryStanding]:
        rows = self._database.rows(sql.DELIVERIES, {"sink": sink, "state": state, "limit": limit})
        return [delivery_standing(row) for row in rows]

    def expire(self, older_than: datetime) -> int:
        gone, values = 0, {"before": older_than.timestamp(), "limit": EXPIRE_AT_ONCE}
        while True:
            with self._database.write() as connection:
                ids = [row["n"] for row in connection.execute(sql.EXPIRED, values)]
                connection.execute(sql.FORGET_DELIVERIES, {"ids": _json(ids)})
                connection.execute(sql.FORGET_CAPTURES, {"ids": _json(ids)})
            gone += len(ids)
            if len(ids) < EXPIRE_AT_ONCE:
                return gone

    def close(self) -> None:
        self._database.close()


def _acceptance(capture: Capture, now: float) -> dict[str, object]:
    return {
        "capture_id": capture.capture_id,
        "accepted_at": capture.accepted_at.timestamp() if capture.accepted_at else now,
        "now": now,
        "url": capture.url,
        "external_id": capture.external_id,
        "capture": capture.model_dump_json(exclude_defaults=True),
    }


def _settlement(end: End, now: float) -> dict[str, object]:
    return {
        "capture_id": end.capture_id,
        "state": end.state,
        "settled_at": now,
        "reason": end.reason,
        "detail": end.detail or None,
        "now": now,
        **_verdict(end.verdict),
    }


def _routing(one: Routed, now: float) -> dict[str, object]:
    if not one.deliveries:
        copy = one.verdict.kind in COPIES
        end = End(
            capture_id=one.capture_id,
            state="duplicate" if copy else "dropped",
            reason=None if copy else "unrouted",
            verdict=one.verdict,
        )
        return _settlement(end, now)
    unsettled = {"settled_at": None, "reason": None, "detail": None}
    return {"capture_id": one.capture_id, "state": "routed", "now": now, **unsettled, **_verdict(one.verdict)}


def _verdict(verdict: Verdict | None) -> dict[str, object]:
    if verdict is None:
        return {"article_id": None, "kind": None, "verdict": None}
    text = verdict.model_dump_json(exclude_defaults=True)
    return {"article_id": verdict.article_id, "kind": verdict.kind, "verdict": text}


def _record(delivery: Delivery, now: float) -> dict[str, object]:
    """The row of a delivery, but for the number `n` of its capture, which only the database knows."""
    return {
        "delivery_id": delivery.delivery_id,
        "sink": delivery.sink,
        "now": now,
        "delivery": delivery.model_dump_json(exclude_defaults=True),
    }


class _Held(NamedTuple):
    n: int
    settled: bool


def _held(connection: Transaction, capture_ids: Sequence[CaptureId]) -> dict[CaptureId, _Held]:
    found = connection.execute(sql.HELD, {"ids": _json(capture_ids)})
    return {row["capture_id"]: _Held(row["n"], row["state"] in TERMINAL_STATES) for row in found}


def _waiting(connection: Transaction, deliveries: Sequence[Delivery]) -> set[DeliveryId]:
    found = connection.execute(sql.WAITING, {"ids": _json(one.delivery_id for one in deliveries)})
    return {row["delivery_id"] for row in found}


def _order(delivery: Delivery) -> tuple[int, bool]:
    """A retraction beats its own version."""
    return delivery.version, delivery.action == "retract"


def _forgotten_name(name: str | None) -> str | None:
    """What stands for the URL of a capture that was forgotten: whoever has the URL can find it, and nobody else."""
    return None if name is None else digest_of(FORGOTTEN, name)


def _json(ids: Iterable[object]) -> str:
    return json.dumps(list(ids))
