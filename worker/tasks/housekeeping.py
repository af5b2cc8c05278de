"""What beat asks for: nothing lost, nothing kept too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from celery import Task, shared_task

from worker.observe import logs
from worker.reconcile import reconciled
from worker.tasks.desk import desk

log = logs.get("worker.tasks")


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
