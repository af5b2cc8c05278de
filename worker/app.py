"""The Celery app: queues, acks, limits, and the one way a batch is sent.

Each setting of Celery answers a failure that was seen (`docs/faults.md`). `celery -A worker.app` finds `app` here; it
is made on first use, so that importing this module reads no configuration.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from celery import Celery
from kombu import Exchange, Queue
from kombu.exceptions import BatchPublishError, OperationalError  # type: ignore[attr-defined]  # new in kombu 5.7
from pydantic import ValidationError

from worker import __version__
from worker.errors import TransientError
from worker.models import Article, Batch, Capture, CleanArticle, Delivery, JudgedArticle, Message, Stage, digest_of
from worker.observe import tracing
from worker.sentinels import for_celery, is_sentinel
from worker.settings import Settings, load
from worker.state.parcels import Parcels

PRIORITY_STEPS = (0, 3, 6, 9)  # kombu's own; 0 is served first
PRIORITY_OF: Mapping[str, int] = {"urgent": 0, "normal": 3, "backfill": 6}
TAKES: Mapping[Stage, type[Message]] = {
    "normalize": Capture,
    "deduplicate": Article,
    "classify": JudgedArticle,
    "route": CleanArticle,
    "deliver": Delivery,
}
# Above this a batch travels by reference. Inline, three hops of 32 articles of 4 kB cost 3.9 ms of CPU an article over
# the work itself; see `make bench` for what they cost by reference.
INLINE_BYTES = 24 * 1024
# What a process packed itself it need not read back from JSON: that was 4 % of its CPU. A few batches, a few MB.
HELD = 4
PIPELINED = 64  # messages a round trip
POLL_EVERY_S = 15.0  # seconds between looks for feeds that are due


class App(Celery):
    """A Celery app that knows the settings it was made with."""

    settings: Settings

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held: OrderedDict[str, tuple[Message, ...]] = OrderedDict()  # the last parcels this process packed

    @cached_property
    def parcels(self) -> Parcels:
        """Where the items of large batches wait."""
        broker, keep = self.settings.broker, self.settings.keep
        return Parcels(broker.url, prefix=broker.key_prefix, ttl_s=keep.spool_days * 86400)


def create(settings: Settings, *, role: str = "worker") -> App:
    """A Celery app for these settings. Opens nothing. `settings.broker.url` must be filled in by then."""
    b, w = settings.broker, settings.worker
    url, of_sentinel = b.url, dict[str, object]()
    if is_sentinel(url):
        url, of_sentinel = for_celery(url, timeout_s=b.socket_connect_timeout_s)
    app = App("copydesk", include=["worker.tasks"], set_as_current=role == "worker")
    app.settings = settings
    app.conf.update(
        broker_url=url or None,
        broker_transport_options={
            "visibility_timeout": b.visibility_timeout_s,
            "unacked_restore_interval": b.unacked_restore_interval_s,
            "unacked_restore_throttle": 1,
            # The lock of whoever gives messages back, which takes it milliseconds. Kombu's own 300 s kept everybody
            # from giving back for that long when the server or the worker was killed within those.
            "unacked_mutex_expire": 30,
            "socket_timeout": b.socket_timeout_s,
            "socket_connect_timeout": b.socket_connect_timeout_s,
            "socket_keepalive": b.url.partition(":")[0] in ("redis", "rediss", "sentinel"),
            "health_check_interval": b.health_check_interval_s,
            "client_name": f"copydesk-{role}",
            "global_keyprefix": b.key_prefix,
            "priority_steps": list(PRIORITY_STEPS),
            **of_sentinel,
        },
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,
        broker_pool_acquire_timeout=30,
        task_publish_retry_policy={"max_retries": 5, "interval_start": 0.2, "interval_step": 0.5, "interval_max": 5},
        # A batch is acknowledged when it is done; every step is idempotent, so a second run does no harm.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_retry_on_worker_lost=True,
        task_acks_on_failure_or_timeout=True,
        # Celery's own retry, after a lost process, would wait 180 s.
        task_annotations={"*": {"default_retry_delay": settings.retry.delay_s}},
        task_soft_time_limit=w.soft_time_limit_s,
        task_time_limit=w.time_limit_s,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_eta_task_limit=200,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_soft_shutdown_timeout=w.soft_shutdown_s,
        worker_enable_soft_shutdown_on_idle=True,
        worker_max_tasks_per_child=w.max_tasks_per_child,
        worker_max_memory_per_child=w.max_memory_per_child_mb * 1024,
        worker_proc_alive_timeout=30,
        # The ledger knows where everything stands: no result backend, no canvas.
        task_ignore_result=True,
        result_backend=None,
        task_serializer="json",
        accept_content=["json"],
        result_serializer="json",
        task_queues=[Queue(name, Exchange("copydesk"), routing_key=name) for name in settings.queues],
        task_default_exchange="copydesk",
        task_default_queue="housekeeping",
        task_default_routing_key="housekeeping",
        task_create_missing_queues=False,
        task_repr_maxlevels=2,
        worker_consumer="worker.tasks.consumer:Consumer",
        worker_send_task_events=True,
        task_send_sent_event=False,
        event_queue_ttl=5,
        event_queue_expires=60,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        timezone="UTC",
        enable_utc=True,
        beat_schedule={
            "reconcile": {
                "task": "worker.reconcile",
                "schedule": settings.reconcile.every_s,
                "options": {"queue": "housekeeping", "expires": settings.reconcile.every_s},
            },
            "expire": {
                "task": "worker.expire",
                "schedule": 3600.0,
                "options": {"queue": "housekeeping", "expires": 3600},
            },
            **_polling(settings),
        },
        beat_schedule_filename=str(settings.data_dir / "beat-schedule"),
    )
    return app


def _polling(settings: Settings) -> dict[str, Any]:
    """Feeds are looked after only where there are any; which of them is due the task itself finds."""
    if not any("urls" in source.options for source in settings.sources):
        return {}
    options = {"queue": "housekeeping", "expires": POLL_EVERY_S}
    return {"poll": {"task": "worker.poll", "schedule": POLL_EVERY_S, "options": options}}


# --- sending ----------------------------------------------------------------------------------------


def send(
    app: App,
    stage: Stage,
    items: Sequence[Message],
    *,
    sink: str | None = None,
    priority: str = "normal",
    countdown_s: float | None = None,
    tries: int = 0,
    attempts: int = 0,
) -> int:
    """Publish `items` to a stage as batches within the item and byte caps; returns the number of messages.

    The id of a message follows from what it carries, so publishing twice is harmless. `tries` counts retries of
    what may pass, `attempts` starts that killed their process. Raises TransientError when the broker is away or
    full; what was published until then stays published.
    """
    queue = f"deliver.{sink}" if stage == "deliver" else stage
    messages = [
        {
            "name": f"worker.{stage}",
            "args": [batch.model_dump()],
            "task_id": batch.batch_id,
            "queue": queue,
            "priority": PRIORITY_OF.get(priority, PRIORITY_OF["normal"]),
            "countdown": countdown_s,
            "headers": {"sent_at": datetime.now(UTC).timestamp(), **tracing.headers()},
            "argsrepr": f"({len(ids)} {_noun(stage, len(ids))}, first {ids[0][:12]})",
            "kwargsrepr": "{}",
        }
        for ids, batch in _batches(app, stage, items, sink=sink, priority=priority, tries=tries, attempts=attempts)
    ]
    try:
        if len(messages) > 1:
            _publish_together(app, messages)
        else:
            _publish(app, messages)
    except (OperationalError, OSError) as exc:
        raise TransientError(f"the broker did not take a message for {queue}: {exc}") from exc
    return len(messages)


def send_deliveries(app: App, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Publish deliveries that the ledger holds, each to its sink's queue; returns those that were.

    A sink that was taken out of sinks.toml has no queue: what waits for it stays in the ledger until it stands there
    again. Raises TransientError as `send` does.
    """
    by_sink: dict[str, list[Delivery]] = {spec.name: [] for spec in app.settings.sinks}
    for delivery in deliveries:
        if delivery.sink in by_sink:
            by_sink[delivery.sink].append(delivery)
    for sink, waiting in by_sink.items():
        send(app, "deliver", waiting, sink=sink)
    return [delivery for waiting in by_sink.values() for delivery in waiting]


def _publish(app: App, messages: Sequence[Mapping[str, Any]]) -> None:
    for message in messages:
        app.send_task(**message)


def _publish_together(app: App, messages: Sequence[Mapping[str, Any]]) -> None:
    """In one round trip. What may have failed is published again, message by message: the ids stay the same."""
    try:
        with app.producer_pool.acquire(block=True) as producer, producer.batch(PIPELINED):  # type: ignore[attr-defined]
            for message in messages:
                app.send_task(**message, producer=producer)
    except BatchPublishError:
        _publish(app, messages)


def _batches(
    app: App,
    stage: Stage,
    items: Sequence[Message],
    *,
    sink: str | None,
    priority: str,
    tries: int,
    attempts: int,
) -> Iterator[tuple[list[str], Batch]]:
    """The batches of `items`, large ones by reference, with the ids of their items."""
    limits = app.settings.pipeline
    for chunk, ids, bodies in _chunks(items, limits.batch_items, limits.batch_max_bytes):
        batch_id = digest_of("batch", stage, sink, sorted(ids), __version__, tries, attempts)[:32]
        by_reference = sum(map(len, bodies)) > INLINE_BYTES
        if by_reference:
            app.parcels.put(batch_id, bodies)
            app.held[batch_id] = tuple(chunk)
            if len(app.held) > HELD:
                app.held.popitem(last=False)
        yield (
            ids,
            Batch(
                batch_id=batch_id,
                items=() if by_reference else tuple(bodies),
                parcel=by_reference,
                tries=tries,
                attempts=attempts,
                priority=priority,
            ),
        )


def unpack(app: App, stage: Stage, batch: Batch) -> tuple[list[Any], list[tuple[str, ValidationError]]]:
    """The items of a batch as this stage's models, and those that no model understands with the reason.

    None at all when its parcel has gone: the batch was done before, or the ledger knows its captures.
    """
    if (held := app.held.pop(batch.batch_id, None)) is not None:
        return list(held), []
    model = TAKES[stage]
    good: list[Any] = []
    bad: list[tuple[str, ValidationError]] = []
    bodies = (app.parcels.get(batch.batch_id) or ()) if batch.parcel else batch.items
    for body in bodies:
        try:
            good.append(model.model_validate_json(body))
        except ValidationError as exc:
            bad.append((body, exc))
    return good, bad


def id_of(item: Message) -> str:
    """What names an item in logs, batches and the ledger: the delivery's id, else the capture's."""
    if isinstance(item, Delivery):
        return item.delivery_id
    return capture_of(item).capture_id


def capture_of(item: Message) -> Capture:
    """The capture an item of any stage before delivery came from."""
    match item:
        case Capture():
            return item
        case Article():
            return item.capture
        case JudgedArticle() | CleanArticle():
            return item.article.capture
        case _:
            raise TypeError(f"a {type(item).__name__} carries no capture")


def _chunks(
    items: Sequence[Message], most: int, most_bytes: int
) -> Iterator[tuple[list[Message], list[str], list[str]]]:
    chunk: list[Message] = []
    ids: list[str] = []
    bodies: list[str] = []
    size = 0
    for item in items:
        # JSON inside JSON: pydantic's own writer and reader stay in compiled code, and the size is known here.
        body = item.model_dump_json(exclude_defaults=True)
        if ids and (len(ids) >= most or size + len(body) > most_bytes):
            yield chunk, ids, bodies
            chunk, ids, bodies, size = [], [], [], 0
        chunk.append(item)
        ids.append(id_of(item))
        bodies.append(body)
        size += len(body)
    if ids:
        yield chunk, ids, bodies


def _noun(stage: Stage, count: int) -> str:
    noun = {"normalize": "capture", "deliver": "delivery"}.get(stage, "article")
    if count == 1:
        return noun
    return "deliveries" if noun == "delivery" else f"{noun}s"


def __getattr__(name: str) -> Any:
    """`worker.app.app`, for the celery command: made from the environment on first use."""
    if name not in ("app", "celery"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = create(load())
    globals()["app"] = globals()["celery"] = made
    return made
