"""What only the OpenSearch sink must do, against the contract server: no OpenSearch stands behind these tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.errors import ConfigError, TransientError
from worker.models import SinkItem
from worker.plugins import check_sink, open_sink

MakeItem = Callable[..., SinkItem]


@pytest.fixture(autouse=True)
def _scripted(opensearch_store: Any) -> None:
    if not hasattr(opensearch_store, "server"):
        pytest.skip("a real server is not scripted")


def test_the_template_names_every_field_of_a_document(opensearch_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *opensearch_store.spec())

    sink.write([item(1)])
    sink.close()

    template = opensearch_store.server.templates["copydesk-articles"]
    ((_, document),) = opensearch_store.server.documents["copydesk-articles"].values()
    mappings = template["template"]["mappings"]
    assert template["index_patterns"] == ["copydesk-articles"]
    assert mappings["dynamic"] is False
    assert set(mappings["properties"]) == set(document)


def test_items_that_a_busy_server_sends_back_are_tried_later_and_the_others_are_stored(
    opensearch_store: Any, item: MakeItem
) -> None:
    sink = open_sink("test", *opensearch_store.spec())
    opensearch_store.server.busy_items = 2

    receipts = sink.write([item(number) for number in range(5)])
    sink.close()

    assert [receipt.status for receipt in receipts] == ["retry", "retry", "stored", "stored", "stored"]
    assert receipts[0].detail == "429 rejected_execution_exception"


def test_a_request_that_is_too_large_is_halved_and_only_what_never_fits_is_rejected(
    opensearch_store: Any, item: MakeItem
) -> None:
    sink = open_sink("test", *opensearch_store.spec())
    opensearch_store.server.longest = 20_000

    receipts = sink.write([item(number, text="x" * 30_000 if number == 3 else None) for number in range(8)])
    sink.close()

    assert [number for number, receipt in enumerate(receipts) if receipt.status == "rejected"] == [3]
    assert len(opensearch_store.read()) == 7


def test_a_redelivery_of_content_that_was_replaced_since_replaces_again(opensearch_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *opensearch_store.spec())
    sink.write([item(1, headline="First")])
    sink.write([item(1, headline="Second")])

    (receipt,) = sink.write([item(1, headline="First")])
    sink.close()

    assert receipt.status == "stored"


def test_three_deliveries_of_one_article_in_a_batch_are_taken_in_order(opensearch_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *opensearch_store.spec())

    receipts = sink.write([item(1), item(2), item(1, action="retract"), item(1, version=2)])
    sink.close()

    assert [receipt.status for receipt in receipts] == ["stored"] * 4
    assert opensearch_store.read()[item(1).delivery.article_id].version == 2


def test_an_index_template_of_the_owner_is_left_alone(opensearch_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", "opensearch", opensearch_store.spec()[1] | {"template": False})

    sink.write([item(1)])
    sink.close()

    assert opensearch_store.server.templates == {}


def test_a_server_that_does_not_know_a_request_is_told_by_its_kind_of_error(
    opensearch_store: Any, item: MakeItem
) -> None:
    options = opensearch_store.spec()[1] | {"url": opensearch_store.server.url + "/elsewhere"}
    sink = open_sink("test", "opensearch", options)

    with pytest.raises(TransientError, match=r"400 to PUT .*: illegal_argument_exception"):
        sink.write([item(1)])
    sink.close()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"url": "http://search.example:9200"}, "allow_http"),
        ({"url": "https://u:s3cret@search.example"}, "password_env"),
        ({"username": "desk"}, "belong together"),
        ({"username": "desk", "password": "s3cret", "authorization": "ApiKey s3cret"}, "or `authorization`"),
        ({"index": "Articles"}, "index"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told) as error:
        check_sink("test", "opensearch", {"url": "https://search.example:9200"} | options)

    assert "s3cret" not in str(error.value)
