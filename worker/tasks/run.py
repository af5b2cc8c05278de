"""One batch: unpack, take its steps, send on; errors become retries or quarantine.

The rules that no setting replaces stand here: attempts are counted before the work, a batch that ended with its
process is split, failure is per item, what goes on is published before the ack, and only what may pass is retried.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from celery import Task
from pydantic import ValidationError

from worker.app import TAKES, send, unpack
from worker.errors import CopydeskError, TransientError, reason_of
from worker.models import Batch, Delivery, Message, Stage
from worker.observe import logs, tracing
from worker.pipeline import Budget, Step
from worker.tasks.desk import Desk, desk
from worker.tasks.failing import give_back, lost, quarantine, quarantine_message, send_again
from worker.tasks.noting import note_batch, note_retries, seconds_waited

log = logs.get("worker.tasks")


def run(task: Task[Any, Any], stage: Stage, payload: dict[str, Any]) -> None:
    """Take one batch through the segment that begins at `stage`, in the trace of the message that brought it."""
    try:
        here = desk(task.app)
    except CopydeskError as exc:  # the ledger is away, or migrated by a newer copydesk: whoever can takes the batch
        log.warning("batch.given_back", stage=stage, error=str(exc))
        give_back(task, payload)
        return
    parent = task.request.get(tracing.HEADER)
    with tracing.span(f"copydesk.{stage}", parent or "", task_id=task.request.id or "", stage=stage) as trace_id:
        if trace_id:
            logs.bind(trace_id=trace_id)
        _run(here, task, stage, payload)


def _run(here: Desk, task: Task[Any, Any], stage: Stage, payload: dict[str, Any]) -> None:
    began = time.perf_counter()
    waited_s = seconds_waited(task.request)
    try:
        batch = Batch.model_validate(payload)
    except ValidationError as error:
        quarantine_message(here, stage, str(payload), error)
        return
    logs.bind(task_id=task.request.id, stage=stage)
    try:
        items, bad = unpack(here.app, stage, batch)
        if batch.parcel and not items and not bad:
            log.warning("parcel.gone")  # done before, or older than it is kept; the ledger knows its captures
        for body, misfit in bad:
            quarantine_message(here, stage, body, misfit)
        begun = here.attempts.begin(stage, batch.batch_id)
        # A message begun again is only sent on, so no more than its first attempt was lost at the work itself.
        lost_attempts = batch.attempts + (begun > 1)
        if lost_attempts >= here.settings.pipeline.max_attempts and len(items) == 1:
            for item in items:
                quarantine(here, stage, item, "kills_its_process", lost(lost_attempts), attempts=lost_attempts)
        elif begun > 1:
            # Somebody who ran when the process ended did it: each goes on alone, and apart in time as well. What comes
            # back together would run beside the culprit again, and be blamed for a whole worker that it kills.
            for item in items:
                apart_s = random.uniform(0, 2 * here.settings.retry.delay_s)  # noqa: S311  # jitter, not a secret
                send_again(here, stage, [item], batch, attempts=lost_attempts, countdown_s=apart_s)
            log.warning("batch.split", attempt=lost_attempts + 1)
        elif items:
            _work(here, stage, items, batch, began, waited_s)
        here.attempts.done(stage, batch.batch_id)
        if batch.parcel:
            here.app.parcels.drop(batch.batch_id)
    finally:
        logs.clear()


def _work(here: Desk, stage: Stage, items: list[Any], batch: Batch, began: float, waited_s: float | None) -> None:
    spent = time.process_time()
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
    spent = time.process_time() - spent
    onward: dict[tuple[Stage, str | None], list[Message]] = defaultdict(list)
    for item in step.onward:
        onward[_goes_to(item)].append(item)
    for (to, addressee), passed in onward.items():
        send(here.app, to, passed, sink=addressee, priority=batch.priority)
    for left_stage, left in _by_stage(step.rest).items():
        send_again(here, left_stage, left, batch, tries=batch.tries)
    _wait_for_their_story(here, step.later, batch)
    transient: list[tuple[Stage, Message]] = []
    for failure in step.failed:
        if isinstance(failure.error, TransientError):
            transient.append((failure.stage, failure.item))
            last = failure.error
        else:
            reason, detail = reason_of(failure.error)
            quarantine(here, failure.stage, failure.item, reason, detail)
    if transient:
        _again(here, transient, batch, last)
    took = time.perf_counter() - began
    tracing.note({"items": len(items), **step.counts})
    note_batch(here, stage, step, took_s=took, cpu_s=spent, waited_s=waited_s)
    log.info("batch.done", items=len(items), took_ms=_ms(took), steps_cpu_ms=_ms(spent), **step.counts)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


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


def _wait_for_their_story(here: Desk, later: Sequence[tuple[Stage, Message]], batch: Batch) -> None:
    """Copies of a story whose first article is still on its way ask again, ever more seldom; they never give up:
    a claim that is not settled within its lease is taken over by the copy that asks next."""
    retry = here.settings.retry
    wait_s = min(retry.pending_max_s, retry.pending_s * 2 ** min(batch.tries, 10))
    for stage, items in _by_stage(later).items():
        send_again(here, stage, items, batch, tries=batch.tries + 1, countdown_s=wait_s)


def _again(here: Desk, pairs: Sequence[tuple[Stage, Message]], batch: Batch, error: TransientError) -> None:
    """Send what may pass once more, later; after the last try it goes to quarantine."""
    retry = here.settings.retry
    if batch.tries >= retry.max_retries:
        for stage, item in pairs:
            quarantine(here, stage, item, "kept_failing", str(error), attempts=batch.tries + 1)
        return
    wait_s = error.retry_after_s or retry.delay_s * 2**batch.tries
    wait_s = min(retry.backoff_max_s, wait_s) * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, not a secret
    for stage, items in _by_stage(pairs).items():
        send_again(here, stage, items, batch, tries=batch.tries + 1, countdown_s=wait_s)
        note_retries(here, stage, len(items))
    log.warning("batch.retried", items=len(pairs), tries=batch.tries + 1, wait_s=round(wait_s, 1), error=str(error))
