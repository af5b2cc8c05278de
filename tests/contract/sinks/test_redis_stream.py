"""What only the Redis stream sink must do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.errors import ConfigError
from worker.models import SinkItem
from worker.plugins import check_sink, open_sink
from worker.state.redis_server import connect

MakeItem = Callable[..., SinkItem]


def test_a_repeat_within_the_window_is_not_added_again(redis_stream_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *redis_stream_store.spec())

    first = [receipt.status for receipt in sink.write([item(1), item(2)])]
    again = [receipt.status for receipt in sink.write([item(2), item(3)])]

    client = connect(redis_stream_store.url)
    assert (first, again) == (["stored", "stored"], ["unchanged", "stored"])
    assert client.xlen("copydesk:articles") == 3
    client.close()
    sink.close()


def test_a_url_that_is_no_redis_is_refused_without_telling_it() -> None:
    with pytest.raises(ConfigError, match="use redis://") as told:
        check_sink("test", "redis_stream", {"url": "amqp://user:s3cret@host"})

    assert "s3cret" not in str(told.value)
