"""A spool in Redis: for several hosts without a shared disk. Each body expires by itself.

Bodies are compressed (zlib level 1), because memory is what Redis has least of: 300 real pages shrank to a
quarter.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import cast

import redis

from worker.errors import BadCapture, TransientError
from worker.models import BodyRef
from worker.state.redis_server import connect
from worker.state.spool import one, ref_to, verified

PREFIX = "copydesk:body:"


class RedisSpool:
    def __init__(self, url: str, *, ttl_s: float) -> None:
        self._redis = connect(url)
        self._ttl_ms = max(1, round(ttl_s * 1000))

    def put(self, data: bytes) -> BodyRef:
        return self.put_many([data])[0]

    def put_many(self, bodies: Sequence[bytes]) -> list[BodyRef]:
        refs = [ref_to(data) for data in bodies]
        pipe = self._redis.pipeline(transaction=False)
        for ref, data in zip(refs, bodies, strict=True):
            pipe.set(PREFIX + ref.digest, zlib.compress(data, 1), px=self._ttl_ms)
        try:
            pipe.execute()
        except redis.RedisError as exc:
            raise TransientError(f"the spool in Redis takes no bodies: {exc}") from exc
        return refs

    def get(self, ref: BodyRef) -> bytes:
        return one(self.get_many([ref])[0])

    def get_many(self, refs: Sequence[BodyRef]) -> list[bytes | BadCapture]:
        if not refs:
            return []
        try:
            found = cast(list[bytes | None], self._redis.mget([PREFIX + ref.digest for ref in refs]))
        except redis.RedisError as exc:
            raise TransientError(f"the spool in Redis does not answer: {exc}") from exc
        return [verified(ref, _inflated(ref, data)) for ref, data in zip(refs, found, strict=True)]

    def remove(self, refs: Sequence[BodyRef]) -> int:
        if not refs:
            return 0
        try:
            return self._redis.delete(*(PREFIX + ref.digest for ref in refs))
        except redis.RedisError as exc:
            raise TransientError(f"the spool in Redis does not answer: {exc}") from exc

    def expire(self, older_than_s: float) -> int:
        return 0

    def free_bytes(self) -> int | None:
        try:
            memory = self._redis.info("memory")
        except redis.RedisError as exc:
            raise TransientError(f"the spool in Redis does not answer: {exc}") from exc
        limit = int(memory["maxmemory"])
        return max(0, limit - int(memory["used_memory"])) if limit else None

    def close(self) -> None:
        self._redis.close()


def _inflated(ref: BodyRef, data: bytes | None) -> bytes | None:
    if data is None:
        return None
    try:
        return zlib.decompressobj().decompress(data, ref.size + 1)
    except zlib.error:
        return b""  # does not match its digest
