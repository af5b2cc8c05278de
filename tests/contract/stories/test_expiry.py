"""What an index in Redis no longer needs leaves by itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from worker.state.redis_server import connect
from worker.state.stories import Settled
from worker.state.stories.redis_index import RedisStories
from worker.state.stories.remembered import EPOCHS_A_WINDOW

from .conftest import RULES, Clock
from .test_budget import _stream

EPOCH_S = RULES.window_days * 86400 / EPOCHS_A_WINDOW
_prefixes = itertools.count()


@pytest.fixture
def index(stories_redis: str) -> Iterator[tuple[RedisStories, Clock, Any]]:
    clock, client = Clock(), connect(stories_redis)
    stories = RedisStories(stories_redis, RULES, prefix=f"expiry{next(_prefixes)}:", clock=clock)
    yield stories, clock, client
    stories.close()
    client.close()


def test_every_key_that_grows_with_captures_expires(index: tuple[RedisStories, Clock, Any]) -> None:
    stories, clock, client = index
    for batch in range(12):
        prints = _stream(32 * (batch + 1))[-32:]
        verdicts = stories.claim(prints)
        stories.confirm([Settled(f.capture_id, v.story_id, v.fence) for f, v in zip(prints, verdicts, strict=True)])
        clock.now += EPOCH_S / 5

    lasting = {key.decode() for key in client.scan_iter(f"{stories.key}*") if client.ttl(key) < 0}

    assert lasting <= {stories.key, f"{stories.key}i", f"{stories.key}j"}  # the header, and sites by name and number


def test_postings_go_with_the_window_without_waiting_for_their_expiry(index: tuple[RedisStories, Clock, Any]) -> None:
    stories, clock, client = index
    prints = _stream(3)
    stories.claim(prints[:1])
    (held,) = client.scan_iter(f"{stories.key}A*")

    clock.now += EPOCH_S * EPOCHS_A_WINDOW
    stories.claim(prints[1:2])
    assert client.exists(held)
    clock.now += EPOCH_S
    stories.claim(prints[2:])

    assert not client.exists(held)
    assert len(list(client.scan_iter(f"{stories.key}A*"))) == 2
