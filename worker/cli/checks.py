"""What `copydesk doctor` looks at. Each check answers with findings and changes nothing."""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from worker.cli.look import problems_of
from worker.errors import ConfigError, CopydeskError
from worker.plugins import Reachable, open_sink
from worker.sentinels import is_sentinel
from worker.settings import Settings, SinkSpec
from worker.state import redis_server
from worker.state.backlog import broker_problems
from worker.state.database.look import look_at as look_at_database
from worker.state.server import ServerLook
from worker.state.server import look_at as look_at_server
from worker.state.watched import guards_of

CLOCK_WARN_S, CLOCK_FAIL_S = 2.0, 60.0  # leases and lags are in seconds; a minute confuses retries and reconcile
MEMORY_WARN, MEMORY_FAIL = 0.75, 0.9  # of maxmemory; at 0.9 producers pause
WORKER_CLIENT = "copydesk-worker"  # the name of a worker's connection, as worker.app gives it

State = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """One row: what was looked at, how it is, and what to do where it is not well."""

    name: str
    state: State
    said: str
    todo: str = ""


def every_check(settings: Settings) -> Iterator[Finding]:
    """All findings, in the order in which one would mend them."""
    yield from _guarded("configuration", lambda: configuration(settings))
    yield from _guarded("broker", lambda: broker(settings))
    if settings.stories.url and settings.stories.url != settings.broker.url:
        yield from _guarded("story index", lambda: stories(settings))
    yield from _guarded("disk", lambda: disk(settings))
    yield from _guarded("ledger", lambda: ledger(settings))
    with ThreadPoolExecutor(max(1, len(settings.sinks)), thread_name_prefix="doctor") as threads:
        yield from threads.map(sink, settings.sinks)


def _guarded(name: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A check that could not be made is a finding as well, and does not end the others."""
    try:
        yield from check()
    except CopydeskError as exc:
        yield Finding(name, "fail", str(exc), "mend this first, then ask again")


def configuration(settings: Settings) -> Iterator[Finding]:
    problems, warnings = problems_of(settings)
    for problem in problems:
        yield Finding("configuration", "fail", problem, "edit that file; copydesk check tells when it is well")
    for warning in warnings:
        yield Finding("configuration", "warn", warning, "edit that file where it is not meant so")
    if not problems:
        profile = f", profile {settings.profile}" if settings.profile else ""
        yield Finding("configuration", "ok", f"{settings.config_dir}{profile}")


def broker(settings: Settings) -> Iterator[Finding]:
    url = settings.broker.url
    if not url:
        running = redis_server.find(settings.redis_dir)
        if running is None:
            program, version = redis_server.find_binary(settings.broker.server_binary or None)
            said = f"the embedded server is not running; there is {Path(program).name} {version}"
            yield Finding("broker", "warn", said, "start it with the workers: copydesk up")
            return
        url = running.url
    look = yield from _server("broker", url, strict=settings.profile == "prod", away="start Redis, or mend broker.url")
    if look is None:
        return
    workers = sum(name == WORKER_CLIENT for name in look.clients)
    if workers:
        yield Finding("workers", "ok", f"connected to the broker ({workers} connections)")
    else:
        yield Finding("workers", "warn", "no worker is connected", "start one: copydesk up, or its service")


def stories(settings: Settings) -> Iterator[Finding]:
    away = "start its Redis, or mend stories.url"
    yield from _server("story index", settings.stories.url, strict=settings.profile == "prod", away=away)


def _server(name: str, url: str, *, strict: bool, away: str) -> Generator[Finding, None, ServerLook | None]:
    """The findings about one Redis; returns what was seen, or None when it is away."""
    if is_sentinel(url):
        yield from _sentinels(f"{name} sentinels", url)
    try:
        look = look_at_server(url)
        problems = broker_problems(url)
    except CopydeskError as exc:
        yield Finding(name, "fail", str(exc), away)
        return None
    yield Finding(name, "ok", f"{look.name} {look.version} answers in {look.round_trip_s * 1000:.1f} ms")
    for problem in problems:
        said, _, todo = problem.partition("; ")
        yield Finding(f"{name} safety", "fail" if strict else "warn", said, todo or "give it a primary, 6.2 or later")
    if not problems:
        yield Finding(f"{name} safety", "ok", f"{look.policy}, with an append-only file")
    yield _memory(f"{name} memory", look)
    yield _clock(f"{name} clock", look)
    return look


def _sentinels(name: str, url: str) -> Iterator[Finding]:
    """Whether those who watch the primary are all there, agree on it, and could put another in its place."""
    guards = guards_of(url)
    away = [one for one in guards if one.problem]
    agreed = Counter(one.primary for one in guards if one.primary)
    for one in away:
        yield Finding(name, "fail" if not agreed else "warn", f"{one.node}: {one.problem}", "start or mend it")
    if len(agreed) > 1:
        told = ", ".join(f"{one.node} says {one.primary}" for one in guards if one.primary)
        yield Finding(name, "warn", f"they do not agree: {told}", "wait for the failover to end, then ask again")
    for problem in sorted({one.quorum_problem for one in guards} - {""}):
        yield Finding(name, "warn", problem, "start more sentinels: no failover until then")
    if agreed and not max(one.replicas for one in guards):
        yield Finding(name, "warn", "the primary has no replica that is fit", "start one: no failover until then")
    elif len(agreed) == 1 and not away:
        yield Finding(name, "ok", f"{len(guards)} say {next(iter(agreed))}, {guards[0].replicas} replica(s)")


def _memory(name: str, look: ServerLook) -> Finding:
    used = f"{look.used_bytes / 2**20:,.0f} MiB"
    if look.memory_share is None:
        return Finding(name, "warn", f"{used} used, without a limit", "set maxmemory, so that the host keeps its own")
    said = f"{look.memory_share:.0%} of {look.most_bytes / 2**20:,.0f} MiB used"
    state: State = "fail" if look.memory_share > MEMORY_FAIL else "warn" if look.memory_share > MEMORY_WARN else "ok"
    return Finding(name, state, said, "" if state == "ok" else "add workers, slow the producers, or raise maxmemory")


def _clock(name: str, look: ServerLook) -> Finding:
    off = abs(look.clock_ahead_s)
    state: State = "fail" if off > CLOCK_FAIL_S else "warn" if off > CLOCK_WARN_S else "ok"
    if state == "ok":
        return Finding(name, "ok", f"within {max(off, 0.001) * 1000:,.0f} ms of ours")
    side = "ahead of" if look.clock_ahead_s > 0 else "behind"
    return Finding(name, state, f"{off:,.1f} s {side} ours", "let both hosts keep time by NTP (chrony, timesyncd)")


def disk(settings: Settings) -> Iterator[Finding]:
    """The disks of the data folder and of a spool folder elsewhere, against where producers pause."""
    folders = {"disk": settings.data_dir}
    if settings.spool_url.startswith("file:"):
        spool = Path(unquote(urlsplit(settings.spool_url).path))
        if not spool.is_relative_to(settings.data_dir):
            folders["spool disk"] = spool
    least = settings.producer.min_free_mb * 2**20
    for name, folder in folders.items():
        there = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
        free = shutil.disk_usage(there).free
        state: State = "fail" if free < least else "warn" if free < 2 * least else "ok"
        said = f"{free / 2**30:,.1f} GiB free at {folder}"
        todo = f"make room: producers pause below {settings.producer.min_free_mb} MiB" if state != "ok" else ""
        yield Finding(name, state, said, todo)


def ledger(settings: Settings) -> Iterator[Finding]:
    look = look_at_database(settings.ledger_url)
    kind = urlsplit(settings.ledger_url).scheme
    if look.version is None:
        yield Finding("ledger", "ok", f"{kind}, nothing there yet; it is made on first use")
    elif look.misfit is not None:
        said, _, todo = look.misfit.partition(": ")
        yield Finding("ledger", "fail", said, todo)
    elif look.version > look.newest:
        said = f"{kind}, step {look.version}: a newer copydesk migrated it; this one (step {look.newest}) may work on"
        yield Finding("ledger", "ok", said)
    else:
        behind = "" if look.version == look.newest else f"; {look.newest - look.version} step(s) follow on first use"
        yield Finding("ledger", "ok", f"{kind}, step {look.version} of {look.newest}{behind}")


def sink(spec: SinkSpec) -> Finding:
    """Whether a sink's store would answer; nothing is written to it."""
    name = f"sink {spec.name}"
    try:
        opened = open_sink(spec.name, spec.kind, spec.options)
    except ConfigError as exc:
        return Finding(name, "fail", str(exc), "edit sinks.toml")
    try:
        if not isinstance(opened, Reachable):
            return Finding(name, "warn", f"sinks of kind {spec.kind} cannot be asked", "look at its deliveries instead")
        return Finding(name, "ok", opened.reach())
    except CopydeskError as exc:
        return Finding(name, "fail", str(exc), "mend the store or its options; deliveries wait until then")
    finally:
        with contextlib.suppress(CopydeskError):
            opened.close()
