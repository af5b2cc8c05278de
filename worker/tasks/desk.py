"""What one worker process keeps open; opened on first use, so that no connection crosses a fork."""

from __future__ import annotations

import threading
from typing import Any, cast

from worker.app import App
from worker.observe import tracing
from worker.pipeline import Models, Pipeline
from worker.settings import Settings
from worker.state.attempts import Attempts, open_attempts
from worker.state.quarantine import Quarantine, open_quarantine
from worker.state.tallies import Tallies


class Desk:
    """What one worker process keeps: the pipeline, the attempt counters, the quarantine."""

    def __init__(self, app: App, models: Models | None) -> None:
        settings = app.settings
        self.app = app
        self.settings = settings
        self.pipeline = Pipeline.open(settings, models)
        self.attempts: Attempts = open_attempts(settings.broker.url, ttl_s=attempts_ttl_s(settings))
        self.quarantine: Quarantine = open_quarantine(settings.ledger_url)
        tracing.start(settings.tracing, "worker")
        self.tallies = Tallies(settings.broker.url, prefix=settings.broker.key_prefix)

    def close(self) -> None:
        self.pipeline.close()
        self.attempts.close()
        self.tallies.close()
        tracing.stop()
        self.quarantine.close()


def attempts_ttl_s(settings: Settings) -> float:
    """How long a count must be remembered: a batch may come again so late."""
    return 2 * settings.broker.visibility_timeout_s + settings.worker.time_limit_s


class _Process:
    """What this process has: the models of its parent, and its own desk once a task has come."""

    models: Models | None = None
    desk: Desk | None = None


_opening = threading.Lock()


def keep(models: Models) -> None:
    """Set what is loaded once in the parent and shared after the fork."""
    _Process.models = models


def desk(app: Any) -> Desk:
    """The desk of this process."""
    with _opening:
        if _Process.desk is None:
            _Process.desk = Desk(cast(App, app), _Process.models)
        return _Process.desk


def forget() -> None:
    """A child never uses what its parent opened."""
    tracing.forget()
    _Process.desk = None


def close() -> None:
    """Give back what this process opened; twice does no harm."""
    if _Process.desk is not None:
        _Process.desk.close()
        _Process.desk = None
