"""The shells: five tasks, one a stage, and what beat asks for. Nothing is decided here about articles."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from worker.starting import uncollected

with uncollected():
    from worker.tasks import failing, housekeeping, life  # noqa: F401  # their tasks and signals
    from worker.tasks.run import run


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
