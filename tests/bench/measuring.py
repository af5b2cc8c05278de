"""What every measurement needs: CPU of processes, a yardstick, a fresh desk with a real Redis, medians."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from worker.cli.embedded import broker
from worker.settings import Settings, load, packaged_config
from worker.state import redis_server
from worker.state.redis_server import connect

QUIET_S = 0.34  # CPU seconds of ten million additions on the core this was written on, while nobody else used it
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
ROUTES = '[[routes]]\nname = "all"\nsinks = ["articles"]\n'  # SQLite alone: what the bars are about


def yardstick(clock: Callable[[], float] = time.process_time) -> float:
    """Seconds, of CPU unless another `clock` is given, of ten million additions in Python, as two million tell.

    A shared machine changes its speed from minute to minute: each measurement stands between two of these, and is told
    for the core that takes QUIET_S for them. A core that rested takes 1.5 times as long for its first half million, so a
    million goes before.
    """
    _add(1_000_000)
    began = clock()
    _add(2_000_000)
    return (clock() - began) * 5


def _add(times: int) -> int:
    total = 0
    for number in range(times):
        total += number
    return total


def steadied(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` measures, its CPU times (keys ending in `_ms`) told for a quiet core; rates stay as measured."""
    before = yardstick()
    rows = work()
    speed = QUIET_S / ((before + yardstick()) / 2)

    def told(rows: dict[str, Any]) -> dict[str, Any]:
        return {
            key: told(value) if isinstance(value, dict) else value * speed if key.endswith("_ms") else value
            for key, value in rows.items()
        }

    return told(rows) | {"speed": speed}


def median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The medians of the same rows over several runs; what only some of them have counts as well."""
    told: dict[str, Any] = {}
    for key, value in {key: value for run in runs for key, value in run.items()}.items():
        those = [run[key] for run in runs if key in run]
        if isinstance(value, dict):
            told[key] = median(those)
        elif isinstance(value, int | float):
            told[key] = statistics.median(those)
        else:
            told[key] = value
    return told


def additions(processes: int) -> float:
    """The yardstick by the clock on the wall, of so many processes at once."""
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        return statistics.mean(pool.map(yardstick, [time.perf_counter] * processes, chunksize=1))


def rated(work: Callable[[], dict[str, Any]], processes: int) -> dict[str, Any]:
    """What `work` measures, with the rate `quiet_per_s` that its `wall_per_s` would be on as many quiet cores."""
    before = additions(processes)
    rows = work()
    speed = QUIET_S / ((before + additions(processes)) / 2)
    return rows | {"quiet_per_s": rows["wall_per_s"] / speed, "speed": speed}


@contextmanager
def desk(profile: str = "", **overrides: Any) -> Iterator[Settings]:
    """Settings on a fresh folder, all articles to SQLite, with a real Redis; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cdb"))
    try:
        config = folder / "config"
        shutil.copytree(packaged_config(), config)
        (config / "routes.toml").write_text(ROUTES)
        base = {"data_dir": str(folder / "data"), "log": {"level": "warning"}}
        settings = load(profile, config=config, overrides=base | overrides)
        try:
            with broker(settings, keep=False) as running:
                yield running
        finally:  # a pool of this process may hold a connection, for which a server would stay
            if (server := redis_server.find(settings.redis_dir)) is not None:
                redis_server.stop(server, force=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def family(pid: int) -> list[int]:
    """`pid` and every process below it that still runs; as far as /proc tells."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def cpu_of(pid: int) -> float:
    """CPU seconds (user and system) that `pid`, its children and those it has reaped took so far."""
    spent = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            spent += sum(map(int, fields[11:13] if one != pid else fields[11:15]))
    return spent * TICK_S


def memory_of(pid: int) -> dict[str, float]:
    """Resident and unique memory of one process in MB, as the kernel tells it; zeros for one that ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return {"rss_mb": 0.0, "unique_mb": 0.0}
    kb = {name: int(line.split()[1]) for line in lines[1:] for name in [line.split(":")[0]]}
    return {
        "rss_mb": kb["Rss"] * 1024 / 1e6,
        "unique_mb": sum(size for name, size in kb.items() if name.startswith("Private_")) * 1024 / 1e6,
    }


def redis_seen(settings: Settings) -> dict[str, float]:
    """CPU seconds, commands, network reads and bytes of memory of the server so far."""
    client = connect(settings.broker.url)
    info = client.info("everything")
    client.close()
    calls = {name: stat["calls"] for name, stat in info.items() if name.startswith("cmdstat_")}
    return {
        "cpu_s": info["used_cpu_user"] + info["used_cpu_sys"],
        "commands": float(info["total_commands_processed"]),
        # A read of a socket is a message of a client: a whole pipeline counts once, as it costs one way and back.
        "round_trips": float(info.get("total_reads_processed", 0)),
        "memory": float(info["used_memory"]),
        "peak": float(info["used_memory_peak"]),
        "scripts": float(calls.get("cmdstat_evalsha", 0)),
    }
