"""What beat asks for: nothing lost, nothing kept too long."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from celery import Task, shared_task

from worker.expiry import expired
from worker.observe import logs
from worker.polling import poll as poll_feeds
from worker.polling import polled
from worker.producer import Producer
from worker.reconcile import reconciled
from worker.state.polls import open_polls
from worker.state.told import open_told
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
    pipeline = here.pipeline
    with closing(open_told(here.settings.ledger_url)) as told:
        went = expired(
            here.settings.keep, spool=pipeline.spool, ledger=pipeline.ledger, quarantine=here.quarantine, told=told
        )
    log.info("old.expired", **went._asdict())


@shared_task(bind=True, name="worker.poll")
def poll(self: Task[Any, Any]) -> None:
    """Ask the feeds that are due."""
    settings = desk(self.app).settings
    with closing(open_polls(settings.ledger_url)) as polls, Producer.open(settings) as producer:
        if full := producer.full:
            log.warning("feeds.wait", why=full)
            return
        found = poll_feeds(
            polled(settings.sources),
            polls,
            producer,
            note=lambda source, url, detail: log.warning("feed.failed", source=source, url=url, detail=detail),
        )
    if found.asked:
        log.info("feeds.polled", **found._asdict())
