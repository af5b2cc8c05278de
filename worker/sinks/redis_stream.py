"""Records on a Redis stream, for a downstream team that reads in order. Guarantee: at least once.

A delivery repeated within `dedup_window_s` is not added again; a later repeat is, and readers drop it by
`delivery_id`. Give it an instance of its own, or a share of memory that the broker can spare.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar, cast

import redis
from pydantic import Field, SecretStr, field_validator

from worker.errors import TransientError
from worker.formats.record import record
from worker.models import Receipt, SinkItem
from worker.plugins import Guarantee, Options

# KEYS: the stream, then a mark for each delivery. ARGV: window, length, then six fields for each. Nothing of a batch
# is added twice: marks and entries are written in one step.
ADD = """
local answers = {}
for i = 2, #KEYS do
    if redis.call('SET', KEYS[i], 1, 'NX', 'EX', ARGV[1]) then
        local at = 3 + (i - 2) * 6
        redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*',
            'delivery_id', ARGV[at], 'action', ARGV[at + 1], 'article_id', ARGV[at + 2],
            'version', ARGV[at + 3], 'route', ARGV[at + 4], 'record', ARGV[at + 5])
        answers[i - 1] = 1
    else
        answers[i - 1] = 0
    end
end
return answers
"""


class RedisStreamOptions(Options):
    url: SecretStr  # redis://, rediss:// or unix://
    stream: str = Field(default="copydesk:articles", min_length=1)
    max_entries: int = Field(default=100_000, gt=0)  # the oldest go beyond that, read or not
    dedup_window_s: int = Field(default=86_400, gt=0)

    @field_validator("url")
    @classmethod
    def _speaks_redis(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("use redis://, rediss:// or unix://")
        return url


class RedisStreamSink:
    Options: ClassVar[type[Options]] = RedisStreamOptions
    guarantee: ClassVar[Guarantee] = "at_least_once"

    def __init__(self, options: RedisStreamOptions) -> None:
        self._options = options
        self._redis = redis.Redis.from_url(
            options.url.get_secret_value(), socket_timeout=30, socket_connect_timeout=5, health_check_interval=25
        )
        self._add = self._redis.register_script(ADD)

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        if not items:
            return []
        marks = [f"{self._options.stream}:seen:{item.delivery.delivery_id}" for item in items]
        values: list[Any] = [self._options.dedup_window_s, self._options.max_entries]
        for item in items:
            values += _entry(item)
        try:
            added = cast(list[int], self._add(keys=[self._options.stream, *marks], args=values))
        except redis.RedisError as exc:
            raise TransientError(f"the stream {self._options.stream} takes no records: {exc}") from exc
        return [
            Receipt(delivery_id=item.delivery.delivery_id, status="stored" if new else "unchanged")
            for item, new in zip(items, added, strict=True)
        ]

    def reach(self) -> str:
        try:
            self._redis.ping()
        except redis.RedisError as exc:
            raise TransientError(f"the server of the stream {self._options.stream} does not answer: {exc}") from exc
        return f"the server of the stream {self._options.stream} answers"

    def close(self) -> None:
        self._redis.close()


def _entry(item: SinkItem) -> list[str | int]:
    delivery = item.delivery
    text = json.dumps(record(item.article, delivery), ensure_ascii=False, separators=(",", ":"))
    return [delivery.delivery_id, delivery.action, delivery.article_id, delivery.version, delivery.route, text]
