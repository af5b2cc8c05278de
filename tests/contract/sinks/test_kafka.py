"""What only the Kafka sink must do, against Tansu: a broker that speaks the protocol, in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.errors import ConfigError
from worker.models import SinkItem
from worker.plugins import check_sink, open_sink

MakeItem = Callable[..., SinkItem]


def test_records_of_an_article_share_a_key_and_each_carries_its_delivery(kafka_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *kafka_store.spec())
    items = [item(1), item(1, version=2, action="canonical_changed"), item(2)]

    sink.write(items)
    sink.close()

    found = {dict(message.headers())["delivery_id"].decode(): message for message in kafka_store.records()}
    assert set(found) == {one.delivery.delivery_id for one in items}
    first, second, _ = (found[one.delivery.delivery_id] for one in items)
    assert first.key() == second.key() == items[0].delivery.article_id.encode()
    assert first.partition() == second.partition()
    told = {name: value.decode() for name, value in second.headers()}
    assert (told["action"], told["version"], told["route"]) == ("canonical_changed", "2", "all")


def test_a_record_that_is_too_large_is_rejected_alone(kafka_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", "kafka", kafka_store.spec()[1] | {"max_record_bytes": 50_000})

    receipts = sink.write([item(1), item(2, text="long " * 20_000), item(3)])
    sink.close()

    assert [receipt.status for receipt in receipts] == ["stored", "rejected", "stored"]
    assert "too large" in receipts[1].detail
    assert len(kafka_store.read()) == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"brokers": []}, "brokers"),
        ({"topic": "two words"}, "topic"),
        ({"username": "desk"}, "belong together"),
        ({"tls": False, "ca_file": "/ca.pem"}, "needs `tls`"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        check_sink("test", "kafka", {"brokers": ["kafka.example:9092"], "topic": "articles"} | options)
