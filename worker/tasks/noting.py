"""What a batch adds to the tallies that metrics are made of. Never worth a failure: what cannot be told is left out."""

from __future__ import annotations

import contextlib
import time
from datetime import datetime
from typing import Any

from worker.errors import TransientError
from worker.models import Stage
from worker.pipeline import Step
from worker.state.tallies import LAG_BOUNDS_S, WAIT_BOUNDS_S, Tally
from worker.tasks.desk import Desk

# Which stage an outcome belongs to: a fused segment has those of several.
STAGE_OF: dict[str, Stage] = {
    "normalized": "normalize",
    "dropped": "normalize",
    "judged": "deduplicate",
    "classified": "classify",
    "routed": "route",
    "unrouted": "route",
    "delivered": "deliver",
}


def note_batch(here: Desk, stage: Stage, step: Step, *, took_s: float, cpu_s: float, waited_s: float | None) -> None:
    """Count a finished batch: its outcomes by stage; its wait and its time by the stage it began at; delivery lags."""
    tally = Tally()
    if waited_s is not None:
        tally.observe("wait", stage, seconds=waited_s, bounds=WAIT_BOUNDS_S)
    tally.count("batches", stage)
    tally.spend("seconds", stage, seconds=took_s)
    tally.spend("cpu_seconds", stage, seconds=cpu_s)
    for outcome, number in step.counts.items():
        tally.count("items", STAGE_OF.get(outcome.partition(":")[0], stage), outcome, by=number)
    for sink, seconds in step.lags:
        tally.observe("lag_published", sink, seconds=max(0.0, seconds), bounds=LAG_BOUNDS_S)
    _tell(here, tally)


def note_retries(here: Desk, stage: Stage, items: int) -> None:
    tally = Tally()
    tally.count("items", stage, "retried", by=items)
    _tell(here, tally)


def seconds_waited(request: Any) -> float | None:
    """How long a message waited in its queue since it was sent, or due; None when it does not tell."""
    sent_at = request.get("sent_at")
    if not isinstance(sent_at, int | float):
        return None
    with contextlib.suppress(TypeError, ValueError):
        if request.eta:
            sent_at = max(sent_at, datetime.fromisoformat(request.eta).timestamp())
    return max(0.0, time.time() - sent_at)


def _tell(here: Desk, tally: Tally) -> None:
    with contextlib.suppress(TransientError):
        here.tallies.add(tally)
