"""Who is blamed when a process ends: the capture it worked on alone, never the batch mates it was about to send on."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from worker.app import PRIORITY_STEPS
from worker.state.attempts import open_attempts
from worker.state.redis_server import connect

pytestmark = pytest.mark.integration


def batch_ids(desk: Any) -> list[str]:
    """Of the messages in the first queue."""
    client = connect(desk.settings.broker.url)
    queue = f"{desk.settings.broker.key_prefix}normalize"
    keys = [queue, *(f"{queue}\x06\x16{step}" for step in PRIORITY_STEPS if step)]
    messages = [json.loads(one) for key in keys for one in client.lrange(key, 0, -1)]
    client.close()
    return [json.loads(base64.b64decode(message["body"]))[0][0]["batch_id"] for message in messages]


def test_a_batch_whose_processes_ended_again_and_again_while_they_took_it_apart_is_stored(desk: Any) -> None:
    desk.run("enqueue", str(desk.write_stories(20)))
    attempts = open_attempts(desk.settings.broker.url)
    for batch_id in batch_ids(desk):
        for _ in range(2 * desk.settings.pipeline.max_attempts):
            attempts.begin("normalize", batch_id)
    attempts.close()

    workers = desk.workers()
    try:
        counts = desk.wait_finished(20)
    finally:
        workers.stop()

    assert counts.states == {"stored": 20}
