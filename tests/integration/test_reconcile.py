"""What fell between two chairs is published again, and nothing that is still on its way."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from worker.app import create
from worker.reconcile import reconciled
from worker.state import redis_server
from worker.state.ledger import open_ledger

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("handed_out_ago_s", "again"), [(5, 0), (60, 10)])
def test_what_was_handed_out_too_long_ago_is_published_again(desk: Any, handed_out_ago_s: float, again: int) -> None:
    # A worker took both messages and was killed; nobody gives them back. The visibility timeout is 10 s.
    desk.run("enqueue", str(desk.write_stories(10)))
    later = datetime.now(UTC) + timedelta(seconds=60)
    hand_out_all(desk, later.timestamp() - handed_out_ago_s)
    ledger = open_ledger(desk.settings.ledger_url)

    found = reconciled(create(desk.settings, role="test"), ledger, now=later)

    ledger.close()
    assert found == (again, 0)


def hand_out_all(desk: Any, at: float) -> None:
    """Move what waits to where kombu keeps what is handed out, as of the time `at`."""
    client = redis_server.connect(desk.settings.broker.url)
    prefix = desk.settings.broker.key_prefix
    for key in client.scan_iter(match=f"{prefix}normalize*"):
        while (message := client.rpop(key)) is not None:
            tag = json.loads(message)["properties"]["delivery_tag"]
            client.hset(f"{prefix}unacked", tag, json.dumps([json.loads(message), "copydesk", "normalize"]))
            client.zadd(f"{prefix}unacked_index", {tag: at})
    assert client.hlen(f"{prefix}unacked") > 0
