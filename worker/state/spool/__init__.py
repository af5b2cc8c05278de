"""The claim check: bytes are put once and travel by reference (sha256 and size). Expires in days.

Here wait the raw bodies of captures on their way in, and clean articles on their way to the sinks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import unquote, urlsplit

from worker.errors import BadCapture, ConfigError
from worker.models import BodyRef

DAY_S = 86_400.0


class Spool(Protocol):
    """Where bodies wait. Putting the same bytes again does no harm. All raise TransientError when it is away."""

    def put(self, data: bytes) -> BodyRef:
        """The reference to `data`, once it is safe."""
        ...

    def put_many(self, bodies: Sequence[bytes]) -> list[BodyRef]:
        """The references to `bodies`, in order: one round trip, or one sync to the disk, for all."""
        ...

    def get(self, ref: BodyRef) -> bytes:
        """The bytes. Raises BadCapture when they are missing or not what was put."""
        ...

    def get_many(self, refs: Sequence[BodyRef]) -> list[bytes | BadCapture]:
        """The bytes for each reference, in order, or the error that `get` would raise for it."""
        ...

    def remove(self, refs: Sequence[BodyRef]) -> int:
        """Take bodies away for good, for takedowns; returns how many were there. To put one again brings it back."""
        ...

    def expire(self, older_than_s: float) -> int:
        """Remove what was put longer ago; returns how much went (0 where the store itself expires)."""
        ...

    def free_bytes(self) -> int | None:
        """Bytes that may still be put, or None where there is no limit to be seen. For back-pressure."""
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...


def open_spool(url: str, *, ttl_s: float = 14 * DAY_S) -> Spool:
    """The spool at `url`: file:///folder, redis://…, redis+socket://…, memory://.

    `ttl_s` is for stores that expire by themselves (Redis); a folder is swept by `expire`.
    """
    scheme = url.partition("://")[0].lower()  # a sentinel URL may name hosts that urlsplit takes for a broken address
    if scheme == "file":
        from worker.state.spool.folder import FolderSpool

        return FolderSpool(unquote(urlsplit(url).path))
    if scheme in {"redis", "rediss", "redis+socket", "unix", "sentinel"}:
        from worker.state.spool.in_redis import RedisSpool

        return RedisSpool(url, ttl_s=ttl_s)
    if scheme == "memory":
        from worker.state.spool.memory import MemorySpool

        return MemorySpool()
    raise ConfigError(f"spool: no such kind of URL {scheme!r}; use file:///folder, redis://… or memory://")


def ref_to(data: bytes) -> BodyRef:
    """The reference that any spool gives to `data`, without a place."""
    return BodyRef(digest=hashlib.sha256(data).hexdigest(), size=len(data))


def verified(ref: BodyRef, data: bytes | None) -> bytes | BadCapture:
    """`data` when it is what `ref` names, else what is wrong with it."""
    if data is None:
        return BadCapture(f"body {ref.digest[:12]} is not in the spool: it expired, or the spool is another one")
    if len(data) != ref.size or hashlib.sha256(data).hexdigest() != ref.digest:
        return BadCapture(f"body {ref.digest[:12]} is damaged: {len(data)} bytes that do not match its digest")
    return data


def one(answer: bytes | BadCapture) -> bytes:
    """The bytes, or the error raised."""
    if isinstance(answer, BadCapture):
        raise answer
    return answer
