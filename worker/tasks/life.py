"""The life of a worker process: what is loaded before the fork, what is refused, what says that it is alive."""

from __future__ import annotations

import contextlib
import os
import resource
import stat
import sys
from pathlib import Path
from typing import Any, cast

from billiard.util import get_pdeathsig  # type: ignore[attr-defined]  # its stubs lack it
from celery import bootsteps, current_app, signals

from worker.app import App
from worker.errors import ConfigError, CopydeskError, TransientError
from worker.observe import health, logs, tracing
from worker.pipeline import load_models, warm
from worker.pipeline.memory import collect_seldom, keep_what_is_loaded
from worker.plugins import check_sink
from worker.settings import Settings, load
from worker.starting import uncollected
from worker.state.backlog import broker_problems
from worker.state.database.look import look_at
from worker.tasks.desk import close, forget, keep

STDERR = 2
_parent = os.getpid()  # read before the fork
log = logs.get("worker.tasks")


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


@signals.celeryd_init.connect
def _show_that_it_lives(instance: Any = None, **_: Any) -> None:
    instance.app.steps["worker"].add(Heartbeat)


@signals.worker_ready.connect
def _ready(sender: Any = None, **_: Any) -> None:
    health.touch(health.ready_file(sender.app.settings.health_folder(sender.hostname)))


@signals.worker_shutting_down.connect
def _no_longer_ready(sender: str | None = None, **_: Any) -> None:
    if sender:
        app = cast(App, current_app)
        health.ready_file(app.settings.health_folder(sender)).unlink(missing_ok=True)


@signals.setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    logs.configure(load().log)


def _refuse_what_cannot_work(settings: Settings) -> None:
    """Raise ConfigError before the first message is taken: a sink that cannot be opened, a server that would lose.

    A server that evicts keys or keeps no append-only file is refused in the prod profile and warned of elsewhere.
    """
    if settings.profile == "prod" and settings.remap_sigterm != "SIGQUIT":
        raise ConfigError("V5: set REMAP_SIGTERM=SIGQUIT in the worker's environment, so that it stops gently in time")
    tracing.check(settings.tracing)
    try:
        if (misfit := look_at(settings.ledger_url).misfit) is not None:
            raise ConfigError(misfit)
    except TransientError as exc:  # it may come; messages wait for it
        log.warning("ledger.away", error=str(exc))
    for spec in settings.sinks:
        check_sink(spec.name, spec.kind, spec.options)
    for problem in broker_problems(settings.broker.url):
        if settings.profile == "prod":
            raise ConfigError(f"broker: {problem}")
        log.warning("broker.unfit", problem=problem)


def _refuse_too_little_memory(settings: Settings) -> None:
    """Raise ConfigError when a child would be recycled after every batch: its limit is too near to where it starts."""
    baseline_mb = _resident_mb()
    if settings.worker.max_memory_per_child_mb < 2 * baseline_mb:
        raise ConfigError(f"V10: worker.max_memory_per_child_mb must be at least {2 * baseline_mb:.0f}")


def _resident_mb() -> float:
    """What this process holds in memory now. Its high-water mark will not do: Linux hands that down through exec from
    whoever started the worker, so that a worker started by a large program refused to begin."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    except OSError:  # no Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


@signals.worker_init.connect
def _load_models(sender: Any = None, **_: Any) -> None:
    """In the parent, before the fork: the tables are shared copy-on-write."""
    settings = sender.app.settings
    try:
        _refuse_what_cannot_work(settings)
        with uncollected():
            models = load_models()
            warm(models, settings)
            with contextlib.suppress(OSError):  # no Linux
                get_pdeathsig()  # each child sets its own: where cffi is installed, its C parser is loaded for that
        _refuse_too_little_memory(settings)
    except CopydeskError as exc:
        log.critical("worker.refused", error=str(exc))
        raise SystemExit(2) from exc  # Celery logs what a signal raises and goes on; this it lets through
    keep(models)
    health.ready_file(settings.health_folder(sender.hostname)).unlink(missing_ok=True)  # of an earlier life
    keep_what_is_loaded()


def let_go_of_the_parents_sockets() -> None:
    """Put the null device in the place of every socket a child has of its parent.

    A socket that a child holds as well stays in the parent's epoll set when the parent closes it, and tells of its end
    again and again under a number that by then is another connection's: the parent read there, where nothing was, and
    took no message any more (tests/fault/test_reconnect.py). Closed here, the number would soon be ours for another
    one, and be closed again by whatever object of the parent's still believes in it.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for number in map(int, os.listdir("/dev/fd")):
        with contextlib.suppress(OSError):  # the listing's own
            if number > STDERR and stat.S_ISSOCK(os.fstat(number).st_mode):
                os.dup2(null, number, inheritable=False)
    os.close(null)


@signals.worker_process_init.connect
def _forget_the_parents_desk(**_: Any) -> None:
    if os.getpid() != _parent:  # with the pool `solo` it is the parent
        let_go_of_the_parents_sockets()
    collect_seldom()
    forget()


@signals.worker_process_shutdown.connect
@signals.worker_shutdown.connect
def _close(**_: Any) -> None:
    close()
