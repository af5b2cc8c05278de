"""What only the webhook sink must do. The receiver checks signatures by the `standardwebhooks` package."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from worker.errors import ConfigError, TransientError
from worker.models import SinkItem
from worker.plugins import check_sink, open_sink
from worker.sinks.webhook.connection import is_public
from worker.sinks.webhook.sink import retry_after_s

MakeItem = Callable[..., SinkItem]
OTHER = "whsec_" + "b3RoZXIga2V5IG9mIHRoZSB0ZXN0cyBvbmx5" * 1


def test_a_repeat_has_the_same_key_and_body_and_a_new_signature(webhook_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *webhook_store.spec())

    sink.write([item(1)])
    sink.write([item(1)])
    sink.close()

    first, again = webhook_store.receiver.requests
    assert first.headers["webhook-id"] == first.headers["idempotency-key"] == item(1).delivery.delivery_id
    assert again.headers["webhook-id"] == first.headers["webhook-id"]
    assert again.body == first.body
    event = json.loads(first.body)
    assert (event["type"], event["timestamp"]) == ("article.upsert", "2026-01-05T12:00:00+00:00")
    assert event["data"]["article"]["headline"] == "Headline 1, version 1"


def test_while_a_secret_is_replaced_both_sign(webhook_store: Any, item: MakeItem, tmp_path: Path) -> None:
    kind, options = webhook_store.spec()
    file = tmp_path / "secret"
    file.write_text(f"{OTHER}\n{options.pop('secret')}\n")
    sink = open_sink("test", kind, options | {"secret_file": str(file)})

    (receipt,) = sink.write([item(1)])
    sink.close()

    assert receipt.status == "stored"
    assert webhook_store.receiver.requests[0].headers["webhook-signature"].count("v1,") == 2


@pytest.mark.parametrize(("status", "wait"), [(503, "120"), (429, "120"), (408, None), (401, None), (410, None)])
def test_an_answer_about_the_endpoint_parks_the_batch_after_one_request(
    webhook_store: Any, item: MakeItem, status: int, wait: str | None
) -> None:
    sink = open_sink("test", *webhook_store.spec())
    webhook_store.receiver.script = lambda request: (status, {"retry-after": wait} if wait else {})

    with pytest.raises(TransientError, match=str(status)) as told:
        sink.write([item(1), item(2), item(3)])
    sink.close()

    assert told.value.retry_after_s == (120 if wait else None)
    assert len(webhook_store.receiver.requests) == 1
    assert "t0ken" not in str(told.value)


def test_what_was_sent_before_the_endpoint_went_away_is_not_sent_again(webhook_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *webhook_store.spec())
    seen = webhook_store.receiver.requests
    webhook_store.receiver.script = lambda request: (503, {"retry-after": "9"}) if len(seen) > 2 else None

    receipts = sink.write([item(number) for number in range(5)])
    sink.close()

    assert [receipt.status for receipt in receipts] == ["stored", "stored", "retry", "retry", "retry"]
    assert {receipt.retry_after_s for receipt in receipts[2:]} == {9}
    assert len(seen) == 3


def test_an_item_that_makes_the_endpoint_fail_does_not_hold_up_its_neighbours(
    webhook_store: Any, item: MakeItem
) -> None:
    sink = open_sink("test", *webhook_store.spec())
    webhook_store.receiver.script = lambda request: (500, {}) if b"Poison" in request.body else None

    receipts = sink.write([item(1, headline="Poison"), item(2), item(3)])
    sink.close()

    assert [receipt.status for receipt in receipts] == ["retry", "stored", "stored"]


def test_a_redirect_is_not_followed(webhook_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *webhook_store.spec())
    webhook_store.receiver.script = lambda request: (307, {"location": "http://169.254.169.254/latest"})

    with pytest.raises(TransientError, match="redirects are not followed"):
        sink.write([item(1)])
    sink.close()

    assert len(webhook_store.receiver.requests) == 1


def test_an_answer_without_end_is_not_read(webhook_store: Any, item: MakeItem) -> None:
    webhook_store.receiver.answer_body = b"x" * 30_000_000
    sink = open_sink("test", *webhook_store.spec())

    receipts = sink.write([item(1), item(2)])
    sink.close()

    assert [receipt.status for receipt in receipts] == ["stored", "stored"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.1.2.3", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254"]
)
def test_a_private_address_is_refused_by_check(host: str) -> None:
    with pytest.raises(ConfigError, match="private"):
        check_sink("test", "webhook", {"url": f"https://{host}/t0ken", "secret": OTHER})


def test_a_name_that_leads_to_a_private_address_is_refused_before_a_connection(
    webhook_store: Any, item: MakeItem
) -> None:
    options = webhook_store.spec()[1] | {"url": webhook_store.receiver.url.replace("127.0.0.1", "0"), "secret": OTHER}
    sink = open_sink("test", "webhook", options | {"allow_private": False})

    with pytest.raises(TransientError, match="private address"):
        sink.write([item(1)])
    sink.close()

    assert webhook_store.receiver.requests == []


def test_addresses_that_carry_a_private_one_are_private() -> None:
    assert is_public("2606:4700::6810:85e5")
    for address in ("64:ff9b::10.0.0.1", "2002:c0a8:0101::1", "fe80::1%eth0", "fd00::1", "224.0.0.1", "100.64.0.1"):
        assert not is_public(address), address


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"url": "http://news.example/"}, "allow_http"),
        ({"url": "https://u:s3cret@news.example/"}, "authorization"),
        ({"url": "ftp://news.example/s3cret"}, "https://"),
        ({"secret": "whsec_s3cret!"}, "base64"),
        ({"secret": "whsec_czNjcmV0"}, "16 bytes"),
        ({"secret_file": "/run/secrets/hook"}, "not both"),
        ({"secret": None}, "signed"),
    ],
)
def test_options_that_cannot_be_meant_are_refused_and_no_secret_is_told(options: dict[str, Any], told: str) -> None:
    given = {"url": "https://hooks.news.example/s3cret", "secret": OTHER} | options

    with pytest.raises(ConfigError, match=told) as error:
        check_sink("test", "webhook", given)

    assert "s3cret" not in str(error.value)
    assert "s3cret" not in repr(check_sink("test", "webhook", given | {"url": "https://a.example/s3cret"} | GOOD))


GOOD = {"secret": OTHER, "secret_file": None}


def test_a_missing_secret_file_is_told_by_name(webhook_store: Any, tmp_path: Path) -> None:
    options = webhook_store.spec()[1] | {"secret": None, "secret_file": str(tmp_path / "gone")}

    with pytest.raises(ConfigError, match=r"gone: No such file"):
        open_sink("test", "webhook", options)


def test_a_chat_gets_one_line_that_calls_nobody(webhook_store: Any, item: MakeItem) -> None:
    options = webhook_store.spec()[1] | {"body": "text", "secret": None, "authorization": "Bearer s3cret"}
    sink = open_sink("test", "webhook", options)

    sink.write([item(1, headline="<!channel> Bread & peace"), item(1, action="retract")])
    sink.close()

    told = [taken["text"] for taken in webhook_store.receiver.taken]
    assert told == [
        "&lt;!channel&gt; Bread &amp; peace\nVE · politics\nhttps://news.example/1",
        "Withdrawn: https://news.example/1",
    ]
    assert webhook_store.receiver.requests[0].headers["authorization"] == "Bearer s3cret"


def test_retry_after_is_seconds_or_a_date_and_never_longer_than_an_hour() -> None:
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)

    asked = [retry_after_s(value, now) for value in ("30", "Mon, 05 Jan 2026 12:01:00 GMT", "86400", "0", "soon", "")]

    assert asked == [30, 60, 3600, 1, None, None]
