"""Deliveries to the sinks, and the circuit that opens when one is away."""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from worker.errors import PermanentError, SinkRejected, TransientError
from worker.models import BodyRef, CleanArticle, Delivery, Digest, SinkItem
from worker.pipeline.step import UNLIMITED, Failure, Step, each
from worker.plugins import Sink, open_sink
from worker.settings import Settings
from worker.state.ledger import Ledger
from worker.state.spool import Spool

REMEMBERED = 256  # articles; one takes about 30 kB. To read one back from JSON takes as long as to write it to a sink
TO_THE_MINUTE = ("second", "minute")  # a day alone tells no lag
CIRCUIT_OPENS_AT = 3  # failures of a sink in a row; then its deliveries are parked for a while without being tried


class Courier:
    """The open sinks of one process, and which of them are ailing."""

    def __init__(self, settings: Settings, spool: Spool, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._spool = spool
        self._ledger = ledger
        self._clock = clock
        self._sinks: dict[str, Sink] = {}
        self._articles: OrderedDict[Digest, CleanArticle] = OrderedDict()
        self._ailing: set[str] = {circuit.sink for circuit in ledger.circuits()}

    def close(self) -> None:
        """Give back every sink; twice does no harm."""
        for sink in self._sinks.values():
            sink.close()
        self._sinks.clear()

    def remember(self, ref: BodyRef, clean: CleanArticle) -> None:
        """Keep an article that this process has at hand: its deliveries are likely to come here soon, one a sink."""
        self._articles[ref.digest] = clean
        if len(self._articles) > REMEMBERED:
            self._articles.popitem(last=False)

    def deliver(self, name: str, deliveries: Sequence[Delivery]) -> Step:
        """Deliveries to one sink, with a receipt each in the ledger.

        A sink that is away raises nothing here: its deliveries are parked in the ledger, which publishes them
        again when their time has come, and no attempt is spent.
        """
        step = Step()
        if (until := self._closed_until(name)) is not None:
            self._ledger.park([delivery.delivery_id for delivery in deliveries], until)
            step.count("delivered:parked", len(deliveries))
            return step
        if self.sink(name).guarantee == "at_least_once":  # the others see by themselves what they hold
            done = self._ledger.done([delivery.delivery_id for delivery in deliveries])
            deliveries = [delivery for delivery in deliveries if delivery.delivery_id not in done]
            if done:
                step.count("delivered:repeat", len(done))
        items = self._items(deliveries, step)
        if not items:
            return step
        try:
            receipts = self.sink(name).write(items)
        except TransientError as exc:
            self._park(name, items, exc)
            step.count("delivered:parked", len(items))
            return step
        if name in self._ailing:
            self._ledger.heal(name)
            self._ailing.discard(name)
        retry = self._settings.retry
        self._ledger.receive(receipts, delay_s=_jittered(retry.delay_s), backoff_max_s=_jittered(retry.backoff_max_s))
        now = self._clock()
        for item, receipt in zip(items, receipts, strict=True):
            step.count(f"delivered:{receipt.status}")
            if receipt.status == "rejected":
                refused = SinkRejected(f"sink {name!r} refuses it: {receipt.detail or 'it does not say why'}")
                step.failed.append(Failure("deliver", item.delivery, refused))
            article = item.article.article
            if receipt.status == "stored" and article.published_at and article.published_precision in TO_THE_MINUTE:
                step.lags.append((name, (now - article.published_at).total_seconds()))
        return step

    def _items(self, deliveries: Sequence[Delivery], step: Step) -> list[SinkItem]:
        """The deliveries with their articles; those that cannot be had are noted in `step`."""
        known = {one.body.digest: self._articles.get(one.body.digest) for one in deliveries}
        unknown = {one.body.digest: one.body for one in deliveries if known[one.body.digest] is None}
        bodies = dict(zip(unknown, self._spool.get_many(list(unknown.values())), strict=True))
        gone = [one.delivery_id for one in deliveries if isinstance(bodies.get(one.body.digest), PermanentError)]
        given_up = self._ledger.done(gone) if gone else set()  # retracted since: nobody misses them
        items: list[SinkItem] = []

        def one(delivery: Delivery) -> None:
            digest = delivery.body.digest
            if (clean := known[digest]) is None:
                body = bodies[digest]
                if delivery.delivery_id in given_up:
                    step.count("delivered:repeat")
                    return
                if isinstance(body, PermanentError):
                    raise body
                clean = known[digest] = CleanArticle.model_validate_json(body)
                self.remember(delivery.body, clean)
            items.append(SinkItem(delivery, clean))

        each("deliver", deliveries, one, step, UNLIMITED)
        return items

    def _closed_until(self, name: str) -> datetime | None:
        """When the circuit of a sink closes again; None when it may be tried now."""
        if name not in self._ailing:
            return None
        until = next((circuit.open_until for circuit in self._ledger.circuits() if circuit.sink == name), None)
        return until if until is not None and until > self._clock() else None

    def _park(self, name: str, items: Sequence[SinkItem], error: TransientError) -> None:
        retry = self._settings.retry
        self._ailing.add(name)
        pause_s = _jittered(error.retry_after_s or retry.backoff_max_s)
        until = self._ledger.strike(name, threshold=CIRCUIT_OPENS_AT, pause_s=pause_s)
        until = until or self._clock() + timedelta(seconds=_jittered(error.retry_after_s or retry.delay_s))
        self._ledger.park([item.delivery.delivery_id for item in items], until)

    def sink(self, name: str) -> Sink:
        """The open sink of this name."""
        if name not in self._sinks:
            spec = self._settings.sink(name)
            self._sinks[name] = open_sink(spec.name, spec.kind, spec.options)
        return self._sinks[name]


def _jittered(seconds: float) -> float:
    """A little later, so that many workers do not come back in one moment; never earlier than a sink asked."""
    return seconds * random.uniform(1.0, 1.25)  # noqa: S311  # not a secret
