"""What becomes of an item or a message that cannot be worked on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from celery import Task, signals
from pydantic import ValidationError

from worker.app import App, capture_of, id_of, send, unpack
from worker.models import Batch, Delivery, Message, Quarantined, Stage, digest_of
from worker.observe import logs, tracing
from worker.state.ledger import FORGOTTEN, End
from worker.tasks.desk import Desk, desk

log = logs.get("worker.tasks")


def send_again(
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


def give_back(task: Task[Any, Any], payload: dict[str, Any]) -> None:
    """Publish a message as it came, for a while later. Not as Celery's retry: those are counted as lost processes."""
    request, app = task.request, cast(App, task.app)
    told = request.delivery_info or {}
    kept = {name: request.get(name) for name in ("sent_at", tracing.HEADER) if request.get(name) is not None}
    app.send_task(
        task.name,
        args=[payload],
        task_id=request.id,
        queue=told["routing_key"],
        priority=told.get("priority"),
        countdown=app.settings.retry.delay_s,
        headers=kept,
        argsrepr=request.get("argsrepr"),
        kwargsrepr="{}",
    )


def lost(attempts: int) -> str:
    return f"its process ended {attempts} times while it was being worked on (WorkerLostError)"


def quarantine(here: Desk, stage: Stage, item: Message, reason: str, detail: str, *, attempts: int = 1) -> None:
    here.pipeline.abort(item)
    capture = None if isinstance(item, Delivery) else capture_of(item)
    known = here.pipeline.ledger.trace(capture.capture_id) if capture else None
    if known is not None and known.standing.reason == FORGOTTEN:
        log.info("item.forgotten", item_id=id_of(item)[:12])  # it was on its way when it was taken back
        return
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


def quarantine_message(here: Desk, stage: Stage, body: str, error: ValidationError) -> None:
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
    items, _bad = unpack(here.app, stage, batch)
    if len(items) > 1:
        for item in items:
            send_again(here, stage, [item], batch, attempts=batch.attempts + 1)
        return
    for item in items:
        quarantine(here, stage, item, "kills_its_process", lost(here.settings.pipeline.max_attempts))
