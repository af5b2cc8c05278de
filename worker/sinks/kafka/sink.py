"""Each record waits for its acknowledgement. The client drops its own repeats; a task that is delivered again is a new
record, which readers know by its `delivery_id` header.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from confluent_kafka import KafkaError, KafkaException, Producer

from worker.errors import TransientError
from worker.formats.record import line
from worker.models import Receipt, ReceiptStatus, SinkItem
from worker.plugins import Guarantee
from worker.sinks.kafka.options import KafkaOptions

_OF_THE_RECORD = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG, KafkaError.INVALID_RECORD}
REACH_S = 10.0
_SILENT = logging.getLogger("worker.sinks.kafka.client")  # what the client says of its connections, error after error
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class KafkaSink:
    Options: ClassVar[type[KafkaOptions]] = KafkaOptions
    guarantee: ClassVar[Guarantee] = "at_least_once"

    def __init__(self, options: KafkaOptions) -> None:
        self._options = options
        self._producer: Producer | None = None
        self._trouble: KafkaError | None = None  # what the client said last of its connections

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        if not items:
            return []
        errors: dict[int, KafkaError | None] = {}
        self._trouble = None
        try:
            producer = self._producer = self._producer or self._open()
            for place, item in enumerate(items):
                self._produce(producer, item, place, errors)
            self._wait(producer)
        except KafkaException as exc:
            self.close()
            raise TransientError(self._told(exc.args[0])) from exc
        receipts = [self._receipt(item, errors.get(place, self._late)) for place, item in enumerate(items)]
        if any(receipt.status == "retry" for receipt in receipts):
            self.close()  # what it still holds must not come after its repeat
            if all(receipt.status == "retry" for receipt in receipts):
                raise TransientError(receipts[0].detail)
        return receipts

    def reach(self) -> str:
        """Asks for all topics: to ask for one would make it, where the brokers make what they are asked for."""
        topic = self._options.topic
        self._trouble = None
        try:
            known = self._open().list_topics(timeout=min(REACH_S, self._options.timeout_s))
        except KafkaException as exc:
            raise TransientError(f"the brokers do not answer: {(self._trouble or exc.args[0]).str()}") from exc
        if topic not in known.topics:
            raise TransientError(f"the brokers know no topic {topic}, or do not show it to us; make it")
        return f"{len(known.brokers)} broker(s) answer, and know the topic {topic}"

    def close(self) -> None:
        if self._producer is not None:
            self._producer.purge()
            self._producer.flush(1)
            self._producer = None

    def _open(self) -> Producer:
        return Producer(self._options.client() | {"error_cb": self._note}, logger=_SILENT)

    def _note(self, error: KafkaError) -> None:
        if self._trouble is None or self._trouble.code() != KafkaError._AUTHENTICATION:
            self._trouble = error

    def _produce(self, producer: Producer, item: SinkItem, place: int, errors: dict[int, KafkaError | None]) -> None:
        delivery = item.delivery
        headers: list[tuple[str, str | bytes | None]] = [
            ("delivery_id", delivery.delivery_id),
            ("action", delivery.action),
            ("version", str(delivery.version)),
            ("route", delivery.route),
        ]
        try:
            producer.produce(
                self._options.topic,
                key=delivery.article_id,
                value=line(item.article, delivery).rstrip(b"\n"),
                headers=headers,
                on_delivery=_noting(place, errors),
            )
        except KafkaException as exc:
            if exc.args[0].code() not in _OF_THE_RECORD:
                raise
            errors[place] = exc.args[0]

    def _wait(self, producer: Producer) -> None:
        """Until every record is answered for, time is up, or the brokers let us not in."""
        until = time.monotonic() + self._options.timeout_s + 2  # the client gives up by itself before
        while len(producer) > 0 and time.monotonic() < until:
            producer.poll(0.1)
            if self._trouble is not None and self._trouble.code() == KafkaError._AUTHENTICATION:
                return

    @property
    def _late(self) -> KafkaError:
        return self._trouble or KafkaError(KafkaError._MSG_TIMED_OUT)

    def _receipt(self, item: SinkItem, error: KafkaError | None) -> Receipt:
        status: ReceiptStatus = "stored"
        if error is not None:
            status = "rejected" if error.code() in _OF_THE_RECORD else "retry"
        detail = "" if error is None else self._told(error)
        return Receipt(delivery_id=item.delivery.delivery_id, status=status, detail=detail)

    def _told(self, error: KafkaError) -> str:
        if error.code() == KafkaError._MSG_TIMED_OUT and self._trouble is not None:
            error = self._trouble
        return f"the topic {self._options.topic} takes no record: {error.str()}"


def _noting(place: int, errors: dict[int, KafkaError | None]) -> Callable[[KafkaError | None, Any], None]:
    def note(error: KafkaError | None, _: Any) -> None:
        errors[place] = error

    return note
