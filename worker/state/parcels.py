"""The bodies of large batches, beside the queue instead of in it.

What Celery carries it copies many times: base64, JSON, the unacknowledged copy, the pipe to the child. A batch of
articles therefore travels as a reference, and its items wait here. A parcel that has gone (its time was over, its
batch is done) costs nothing: its captures are in the ledger, and `reconcile` sends them again where they have no end.
"""

from __future__ import annotations

from collections.abc import Sequence

import redis

from worker.errors import TransientError
from worker.state.redis_server import connect


class Parcels:
    """Items of batches in the broker's Redis, by batch id."""

    def __init__(self, url: str, *, prefix: str, ttl_s: float) -> None:
        self._client = connect(url)
        self._prefix = f"{prefix}parcel:"
        self._ttl_ms = max(1, round(ttl_s * 1000))

    def put(self, batch_id: str, items: Sequence[str]) -> None:
        """Keep the items, each a JSON text on one line. Raises TransientError when Redis is away or full."""
        try:
            self._client.set(self._prefix + batch_id, "\n".join(items).encode(), px=self._ttl_ms)
        except redis.RedisError as exc:
            raise TransientError(f"the items of a batch cannot be kept: {exc}") from exc

    def get(self, batch_id: str) -> tuple[str, ...] | None:
        """The items, or None when they have gone."""
        try:
            found = self._client.get(self._prefix + batch_id)
        except redis.RedisError as exc:
            raise TransientError(f"the items of a batch cannot be fetched: {exc}") from exc
        return None if found is None else tuple(bytes(found).decode().split("\n"))  # type: ignore[arg-type]

    def drop(self, batch_id: str) -> None:
        """Forget the items: their batch is done."""
        try:
            self._client.delete(self._prefix + batch_id)
        except redis.RedisError as exc:
            raise TransientError(f"the items of a batch cannot be dropped: {exc}") from exc

    def close(self) -> None:
        self._client.close()
