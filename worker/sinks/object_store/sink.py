"""One object an article, replaced by its later versions only: created when none stands, else overwritten on the
condition that it is still the one that was compared.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from urllib.parse import unquote

import obstore
from obstore import exceptions
from obstore.store import ObjectStore

from worker.errors import TransientError
from worker.formats.record import record
from worker.models import Receipt, ReceiptStatus, SinkItem
from worker.plugins import Guarantee, reach_folder
from worker.sinks.object_store.options import ObjectStoreOptions

if TYPE_CHECKING:
    from obstore import PutMode, UpdateVersion

TURNS = 5  # looks at an object that others change at the same time, before the delivery waits
LONGEST_TOLD = 200


class Standing(NamedTuple):
    """What decides which of two deliveries of an article stays: the larger. A retraction beats its own version."""

    version: int
    retracted: bool
    delivery_id: str


class _Held(NamedTuple):
    standing: Standing
    mark: UpdateVersion  # what the condition of an overwrite names


class ObjectStoreSink:
    Options: ClassVar[type[ObjectStoreOptions]] = ObjectStoreOptions
    guarantee: ClassVar[Guarantee] = "idempotent"

    def __init__(self, options: ObjectStoreOptions) -> None:
        self._options = options
        self._folder = Path(unquote(options.url.removeprefix("file://"))) if options.scheme == "file" else None
        self._store: ObjectStore | None = None
        self._threads = ThreadPoolExecutor(options.parallel, thread_name_prefix="object-store")

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        articles: dict[str, list[SinkItem]] = defaultdict(list)
        for item in items:
            articles[item.delivery.article_id].append(item)
        store = self._current()
        made = self._threads.map(lambda own: [self._put(store, item) for item in own], articles.values())
        receipts = {r.delivery_id: r for own in made for r in own}
        if items and all(receipt.status == "retry" for receipt in receipts.values()):
            raise TransientError(next(iter(receipts.values())).detail)
        return [receipts[item.delivery.delivery_id] for item in items]

    def reach(self) -> str:
        if self._folder is not None:
            return reach_folder(self._folder)
        try:
            next(iter(obstore.list(self._current(), prefix="articles/", chunk_size=1)), None)
        except (exceptions.BaseError, OSError) as exc:
            raise TransientError(self._told(exc)) from exc
        return f"{self._options.url} can be listed; writing was not tried"

    def close(self) -> None:
        self._threads.shutdown()

    def _current(self) -> ObjectStore:
        try:
            if self._store is None or (self._folder and not self._folder.is_dir()):
                self._store = self._options.open()
        except (exceptions.BaseError, OSError, ValueError) as exc:
            raise TransientError(self._told(exc)) from exc
        return self._store

    def _put(self, store: ObjectStore, item: SinkItem) -> Receipt:
        delivery = item.delivery
        try:
            status = self._settle(store, item)
        except (exceptions.BaseError, OSError, NotImplementedError) as exc:
            return Receipt(delivery_id=delivery.delivery_id, status="retry", detail=self._told(exc))
        detail = {"rejected": "another object stands under its key", "retry": "others change its object"}
        return Receipt(delivery_id=delivery.delivery_id, status=status, detail=detail.get(status, ""))

    def _settle(self, store: ObjectStore, item: SinkItem) -> ReceiptStatus:
        delivery = item.delivery
        key = f"articles/{delivery.article_id[:2]}/{delivery.article_id}.json"
        body = json.dumps(record(item.article, delivery), ensure_ascii=False, separators=(",", ":")).encode()
        ours = Standing(delivery.version, delivery.action == "retract", delivery.delivery_id)
        with self._alone():
            for _ in range(TURNS):
                with contextlib.suppress(exceptions.AlreadyExistsError, exceptions.PreconditionError):
                    obstore.put(store, key, body, mode="create", use_multipart=False)
                    return "stored"
                try:
                    held = _held(store, key)
                except FileNotFoundError:
                    continue  # removed since
                except (ValueError, KeyError, TypeError):
                    return "rejected"
                if held.standing[:2] > ours[:2]:
                    return "superseded"
                if held.standing == ours:
                    return "unchanged"
                mode: PutMode = held.mark if self._folder is None else "overwrite"
                with contextlib.suppress(exceptions.PreconditionError, FileNotFoundError):
                    obstore.put(store, key, body, mode=mode, use_multipart=False)
                    return "stored"
        return "retry"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """A folder knows no conditional overwrite: there one writer at a time compares and writes."""
        if self._folder is None:
            yield
            return
        lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _told(self, exc: Exception) -> str:
        """The first line of what the client says: what follows may quote a request."""
        line = (str(exc).splitlines() or [type(exc).__name__])[0]
        return f"{self._options.url} takes no objects: {line[:LONGEST_TOLD]}"


def _held(store: ObjectStore, key: str) -> _Held:
    """What stands under the key. Raises ValueError, KeyError or TypeError when it is no record of ours."""
    found = obstore.get(store, key)
    mark: UpdateVersion = {}  # Google goes by the version, the others by the tag
    if (tag := found.meta["e_tag"]) is not None:
        mark["e_tag"] = tag
    if (version := found.meta["version"]) is not None:
        mark["version"] = version
    told = json.loads(bytes(found.bytes()))
    delivery = told["delivery"]
    return _Held(Standing(int(told["version"]), delivery["action"] == "retract", delivery["delivery_id"]), mark)
