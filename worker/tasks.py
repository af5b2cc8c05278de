"""The shells: unpack a batch, take its steps, send on; turn errors into retries or quarantine.

Nothing is decided here about articles. The rules that no setting replaces stand here: attempts are counted before
the work, a batch that ended with its process is split, failure is per item, what goes on is published before the
ack, and only what may pass is retried.
"""

from __future__ import annotations

import gc
import random
import resource
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from celery import Task, bootsteps, shared_task, signals
from pydantic import ValidationError

from worker.app import TAKES, App, capture_of, id_of, send, unpack
from worker.errors import ConfigError, CopydeskError, TransientError, reason_of
from worker.models import Batch, Delivery, Message, Quarantined, Stage, digest_of
from worker.observe import health, logs
from worker.pipeline import Budget, Models, Pipeline, Step, load_models, warm
from worker.plugins import check_sink
from worker.reconcile import reconciled
from worker.settings import Settings
from worker.state.attempts import Attempts, open_attempts
from worker.state.backlog import broker_problems
from worker.state.ledger import End
from worker.state.quarantine import Quarantine, open_quarantine

NEXT: dict[Stage, Stage] = {
    "normalize": "deduplicate",
    "deduplicate": "classify",
    "classify": "route",
    "route": "deliver",
}
log = logs.get("worker.tasks")


class Desk:
    """What one worker process keeps: the pipeline, the attempt counters, the quarantine."""

    def __init__(self, app: App, models: Models | None) -> None:
        settings = app.settings
        self.app = app
        self.settings = settings
        self.pipeline = Pipeline.open(settings, models)
        self.attempts: Attempts = open_attempts(
            settings.broker.url,
            ttl_s=2 * settings.broker.visibility_timeout_s + settings.worker.time_limit_s,
        )
        self.quarantine: Quarantine = open_quarantine(settings.ledger_url)

    def close(self) -> None:
        self.pipeline.close()
        self.attempts.close()
        self.quarantine.close()


_models: Models | None = None  # loaded in the parent, shared after the fork
_desk: Desk | None = None
_desk_app: Any = None  # the app of this worker, known before any task
_opening = threading.Lock()


def desk(app: Any) -> Desk:
    """The desk of this process, opened on first use so that no connection crosses a fork."""
    global _desk
    with _opening:
        if _desk is None:
            _desk = Desk(cast(App, app), _models)
        return _desk


# --- the five tasks ------------------------------------------------------------------------------------


@shared_task(bind=True, name="worker.normalize", max_retries=3)
def normalize(self: Task[Any, Any], batch: dict[str, Any]) -> None:
    """Captures to clean articles."""
    run(self, "normalize", batch)


@shared_task(bind=True, name="worker.deduplicate", max_retries=3)
def deduplicate(self: Task[Any, Any], batch: dict[str, Any]) -> None:
    """Articles to articles with a duplicate verdict."""
    run(self, "deduplicate", batch)


@shared_task(bind=True, name="worker.classify", max_retries=3)
def classify(self: Task[Any, Any], batch: dict[str, Any]) -> None:
    """Judged articles to articles with regions and topics."""
    run(self, "classify", batch)


@shared_task(bind=True, name="worker.route", max_retries=3)
def route(self: Task[Any, Any], batch: dict[str, Any]) -> None:
    """Classified articles to deliveries."""
    run(self, "route", batch)


@shared_task(bind=True, name="worker.deliver", max_retries=3)
def deliver(self: Task[Any, Any], batch: dict[str, Any]) -> None:
    """Deliveries to one sink."""
    run(self, "deliver", batch)


def run(task: Task[Any, Any], stage: Stage, payload: dict[str, Any]) -> None:
    """Take one batch through the segment that begins at `stage`."""
    here = desk(task.app)
    began = time.perf_counter()
    try:
        batch = Batch.model_validate(payload)
    except ValidationError as error:
        _quarantine_message(here, stage, str(payload), error)
        return
    logs.bind(task_id=task.request.id, stage=stage, batch_size=len(batch.items))
    try:
        items, bad = unpack(stage, batch)
        for body, misfit in bad:
            _quarantine_message(here, stage, body, misfit)
        attempt = batch.attempts + here.attempts.begin(stage, batch.batch_id)
        if attempt > 1 and len(items) > 1:
            # Somebody in this batch ended its process: each item goes on alone, so that the culprit stands alone.
            for item in items:
                _send(here, stage, [item], batch, attempts=attempt - 1)
            log.warning("batch.split", attempt=attempt)
        elif attempt > here.settings.pipeline.max_attempts:
            for item in items:
                _quarantine(here, stage, item, "kills_its_process", _lost(attempt - 1), attempts=attempt - 1)
        elif items:
            _work(here, stage, items, batch, began)
        here.attempts.done(stage, batch.batch_id)
    finally:
        logs.clear()


def _work(here: Desk, stage: Stage, items: list[Any], batch: Batch, began: float) -> None:
    try:
        if stage == "deliver":
            step = Step()
            by_sink: dict[str, list[Delivery]] = defaultdict(list)
            for item in items:
                by_sink[item.sink].append(item)
            for sink, deliveries in by_sink.items():
                step.absorb(here.pipeline.deliver(sink, deliveries))
        else:
            budget = Budget(len(items) * here.settings.pipeline.item_budget_s)
            step = here.pipeline.perform(stage, items, budget)
    except TransientError as exc:
        _again(here, [(stage, item) for item in items], batch, exc)
        return
    except Exception as exc:  # a store that misbehaves, not one item: nothing of the batch may be lost for it
        reason, detail = reason_of(exc)
        log.exception("batch.failed", reason=reason)
        _again(here, [(stage, item) for item in items], batch, TransientError(detail))
        return
    onward: dict[tuple[Stage, str | None], list[Message]] = defaultdict(list)
    for item in step.onward:
        onward[_goes_to(item)].append(item)
    for (to, addressee), passed in onward.items():
        send(here.app, to, passed, sink=addressee, priority=batch.priority)
    for left_stage, left in _by_stage(step.rest).items():
        _send(here, left_stage, left, batch, tries=batch.tries)
    _wait_for_their_story(here, step.later, batch)
    transient: list[tuple[Stage, Message]] = []
    for failure in step.failed:
        if isinstance(failure.error, TransientError):
            transient.append((failure.stage, failure.item))
            last = failure.error
        else:
            reason, detail = reason_of(failure.error)
            _quarantine(here, failure.stage, failure.item, reason, detail)
    if transient:
        _again(here, transient, batch, last)
    log.info("batch.done", took_ms=round((time.perf_counter() - began) * 1000, 1), **step.counts)


def _goes_to(item: Message) -> tuple[Stage, str | None]:
    if isinstance(item, Delivery):
        return "deliver", item.sink
    for stage, model in TAKES.items():
        if type(item) is model:
            return stage, None
    raise TypeError(f"no stage takes a {type(item).__name__}")


def _by_stage(pairs: Sequence[tuple[Stage, Message]]) -> dict[Stage, list[Message]]:
    found: dict[Stage, list[Message]] = defaultdict(list)
    for stage, item in pairs:
        found[stage].append(item)
    return found


def _send(
    here: Desk,
    stage: Stage,
    items: Sequence[Message],
    batch: Batch,
    *,
    tries: int = 0,
    attempts: int = 0,
    countdown_s: float | None = None,
) -> None:
    sink = items[0].sink if items and isinstance(items[0], Delivery) else None
    send(
        here.app,
        stage,
        items,
        sink=sink,
        priority=batch.priority,
        tries=tries,
        attempts=attempts,
        countdown_s=countdown_s,
    )


def _wait_for_their_story(here: Desk, later: Sequence[tuple[Stage, Message]], batch: Batch) -> None:
    """Copies of a story whose first article is still on its way ask again, ever more seldom; they never give up:
    a claim that is not settled within its lease is taken over by the copy that asks next."""
    retry = here.settings.retry
    wait_s = min(retry.pending_max_s, retry.pending_s * 2 ** min(batch.tries, 10))
    for stage, items in _by_stage(later).items():
        _send(here, stage, items, batch, tries=batch.tries + 1, countdown_s=wait_s)


def _again(here: Desk, pairs: Sequence[tuple[Stage, Message]], batch: Batch, error: TransientError) -> None:
    """Send what may pass once more, later; after the last try it goes to quarantine."""
    retry = here.settings.retry
    if batch.tries >= retry.max_retries:
        for stage, item in pairs:
            _quarantine(here, stage, item, "kept_failing", str(error), attempts=batch.tries + 1)
        return
    wait_s = error.retry_after_s or retry.delay_s * 2**batch.tries
    wait_s = min(retry.backoff_max_s, wait_s) * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, not a secret
    for stage, items in _by_stage(pairs).items():
        _send(here, stage, items, batch, tries=batch.tries + 1, countdown_s=wait_s)
    log.warning("batch.retried", items=len(pairs), tries=batch.tries + 1, wait_s=round(wait_s, 1), error=str(error))


# --- what goes wrong ---------------------------------------------------------------------------------------


def _lost(attempts: int) -> str:
    return f"its process ended {attempts} times while it was being worked on (WorkerLostError)"


def _quarantine(here: Desk, stage: Stage, item: Message, reason: str, detail: str, *, attempts: int = 1) -> None:
    here.pipeline.abort(item)
    capture = None if isinstance(item, Delivery) else capture_of(item)
    here.quarantine.put(
        [
            Quarantined(
                quarantine_id=digest_of("quarantine", stage, id_of(item)),
                stage=stage,
                reason=reason,
                detail=detail,
                capture=capture,
                origin=capture.origin if capture else None,
                item=item.model_dump_json(),
                quarantined_at=datetime.now(UTC),
                attempts=attempts,
            )
        ]
    )
    capture_id = capture.capture_id if capture else cast(Delivery, item).capture_id
    here.pipeline.ledger.end([End(capture_id=capture_id, state="quarantined", reason=reason, detail=detail)])
    log.error("item.quarantined", item_id=id_of(item)[:12], reason=reason, detail=detail, attempts=attempts)


def _quarantine_message(here: Desk, stage: Stage, body: str, error: ValidationError) -> None:
    first = error.errors(include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "message"
    detail = f"no {stage} message this worker understands: {where}: {first['msg']}"
    here.quarantine.put(
        [
            Quarantined(
                quarantine_id=digest_of("message", stage, body),
                stage=stage,
                reason="unknown_message",
                detail=detail,
                item=body,
                quarantined_at=datetime.now(UTC),
            )
        ]
    )
    log.error("message.quarantined", detail=detail)


@signals.task_failure.connect
def _on_failure(
    sender: Task[Any, Any] | None = None,
    exception: BaseException | None = None,
    args: Sequence[Any] = (),
    **_: Any,
) -> None:
    """A batch whose process was lost more often than Celery retries: note it where people look. Runs in the parent."""
    if sender is None or type(exception).__name__ not in ("WorkerLostError", "TimeLimitExceeded", "Terminated"):
        return
    here = desk(sender.app)
    stage = cast(Stage, sender.name.removeprefix("worker."))
    try:
        batch = Batch.model_validate(args[0])
    except (ValidationError, IndexError):
        return
    items, _bad = unpack(stage, batch)
    if len(items) > 1:
        for item in items:
            _send(here, stage, [item], batch, attempts=batch.attempts + 1)
        return
    for item in items:
        _quarantine(here, stage, item, "kills_its_process", _lost(here.settings.pipeline.max_attempts))


# --- housekeeping ---------------------------------------------------------------------------------------------


@shared_task(bind=True, name="worker.reconcile")
def reconcile(self: Task[Any, Any]) -> None:
    """Publish again what fell between two chairs."""
    here = desk(self.app)
    found = reconciled(here.app, here.pipeline.ledger)
    if any(found):
        log.warning("ledger.reconciled", captures=found[0], deliveries=found[1])


@shared_task(bind=True, name="worker.expire")
def expire(self: Task[Any, Any]) -> None:
    """Forget what the owner no longer wants kept."""
    here = desk(self.app)
    day_s = 86400
    keep = here.settings.keep
    bodies = here.pipeline.spool.expire(keep.spool_days * day_s)
    rows = here.pipeline.ledger.expire(datetime.now(UTC) - timedelta(days=keep.ledger_days))
    log.info("old.expired", bodies=bodies, captures=rows)


# --- the life of a worker process -------------------------------------------------------------------------------


class Heartbeat(bootsteps.StartStopStep):
    """Touches the alive file while the worker's own timer turns."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **_: Any) -> None:
        self._tick: Any = None

    def start(self, parent: Any) -> None:
        path = health.alive_file(parent.app.settings.health_folder(parent.hostname))
        health.touch(path)
        self._tick = parent.timer.call_repeatedly(health.TOUCH_EVERY_S, health.touch, (path,), priority=10)

    def stop(self, parent: Any) -> None:
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        health.alive_file(parent.app.settings.health_folder(parent.hostname)).unlink(missing_ok=True)


@signals.worker_ready.connect
def _ready(sender: Any = None, **_: Any) -> None:
    health.touch(health.ready_file(sender.app.settings.health_folder(sender.hostname)))


@signals.worker_shutting_down.connect
def _no_longer_ready(sender: str | None = None, **_: Any) -> None:
    if sender and _desk_app is not None:
        health.ready_file(_desk_app.settings.health_folder(sender)).unlink(missing_ok=True)


@signals.setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    from worker.settings import load

    logs.configure(load().log)


def _refuse_what_cannot_work(settings: Settings) -> None:
    """Raise ConfigError before the first message is taken: a sink that cannot be opened, a server that would lose.

    A server that evicts keys or keeps no append-only file is refused in the prod profile and warned of elsewhere.
    """
    if settings.profile == "prod" and settings.remap_sigterm != "SIGQUIT":
        raise ConfigError("V5: set REMAP_SIGTERM=SIGQUIT in the worker's environment, so that it stops gently in time")
    for spec in settings.sinks:
        check_sink(spec.name, spec.kind, spec.options)
    for problem in broker_problems(settings.broker.url):
        if settings.profile == "prod":
            raise ConfigError(f"broker: {problem}")
        log.warning("broker.unfit", problem=problem)


def _refuse_too_little_memory(settings: Settings) -> None:
    """Raise ConfigError when a child would be recycled after every batch: its limit is too near to where it starts."""
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kB, on macOS bytes
    baseline_mb = resident / (2**20 if sys.platform == "darwin" else 1024)
    if settings.worker.max_memory_per_child_mb < 2 * baseline_mb:
        raise ConfigError(f"V10: worker.max_memory_per_child_mb must be at least {2 * baseline_mb:.0f}")


@signals.worker_init.connect
def _load_models(sender: Any = None, **_: Any) -> None:
    """In the parent, before the fork: the tables are shared copy-on-write."""
    global _models, _desk_app
    _desk_app = sender.app
    try:
        _refuse_what_cannot_work(_desk_app.settings)
        _models = load_models()
        warm(_models, _desk_app.settings)
        _refuse_too_little_memory(_desk_app.settings)
    except CopydeskError as exc:
        log.critical("worker.refused", error=str(exc))
        raise SystemExit(2) from exc  # Celery logs what a signal raises and goes on; this it lets through
    health.ready_file(_desk_app.settings.health_folder(sender.hostname)).unlink(missing_ok=True)  # of an earlier life
    gc.collect()
    gc.freeze()


@signals.worker_process_init.connect
def _forget_the_parents_desk(**_: Any) -> None:
    """A child never uses what its parent opened."""
    global _desk
    _desk = None


@signals.worker_process_shutdown.connect
@signals.worker_shutdown.connect
def _close(**_: Any) -> None:
    global _desk
    if _desk is not None:
        _desk.close()
        _desk = None


def steps(app: App) -> None:
    """Add what runs beside the tasks in a worker."""
    app.steps["worker"].add(Heartbeat)
