"""Throughput, measured: each stage alone in one process, the whole way on real stores, and through Celery.

    python tests/bench/bench.py                 # a table, and JSON in bench-results/bench.json
    python tests/bench/bench.py --captures 10000 --kind text

CPU is what the operating system charged (user + system), told for a quiet core (see `yardstick`).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import enqueue
from material import html_captures, text_captures
from rich.console import Console
from rich.table import Table

from worker.cli.embedded import broker
from worker.cli.feed import feed
from worker.cli.workers import Workers
from worker.models import TERMINAL_STATES, Capture, Delivery, RawCapture
from worker.pipeline import Models, Pipeline, load_models
from worker.pipeline.memory import collect_seldom, keep_what_is_loaded
from worker.settings import STAGES, Settings, load
from worker.state.ledger import open_ledger

QUIET_S = 0.45  # CPU seconds that ten million additions take on a quiet core of 2023


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=2000)
    parser.add_argument("--kind", choices=["text", "html", "both"], default="both")
    parser.add_argument("--processes", type=int, default=1, help="more share the cores with Redis and the producer")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="1,000 captures and one round: a first look, no verdict")
    parser.add_argument("--out", type=Path, default=Path("bench-results/bench.json"))
    wanted = parser.parse_args()
    if wanted.quick:
        wanted.captures, wanted.rounds = 1000, 1
    began = time.perf_counter()
    models = load_models()
    collect_seldom()  # as a worker's processes do
    report: dict[str, Any] = {
        "yardstick_s": yardstick(),
        "captures": wanted.captures,
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
    }
    keep_what_is_loaded()
    kinds = ["text", "html"] if wanted.kind == "both" else [wanted.kind]
    for kind in kinds:
        make = text_captures if kind == "text" else html_captures
        raws = list(make(wanted.captures))
        report[kind] = measure(raws, models, wanted.processes, wanted.rounds)
        show(kind, report[kind])
    report["enqueue"] = enqueue.measure(wanted.captures, wanted.rounds)
    print(enqueue.told(report["enqueue"]))
    report["took_s"] = round(time.perf_counter() - began)
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written: {wanted.out}, after {report['took_s']} s")


def yardstick() -> float:
    """CPU seconds of ten million additions in Python. A shared machine changes its speed from minute to minute: each
    measurement stands between two of these, and is told for the core that takes QUIET_S for them."""
    began, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - began


def measure(raws: list[RawCapture], models: Models, processes: int, rounds: int) -> dict[str, Any]:
    """The median of interleaved rounds; CPU in ms an article on a quiet core, rates in articles a second."""
    found: dict[str, list[dict[str, Any]]] = {"in_process": [], "celery_staged": [], "celery_fused": []}
    for _ in range(rounds):
        with scratch("fused") as settings:
            found["in_process"].append(steadied(lambda s=settings: in_process(raws, s, models)))
        for profile in ("staged", "fused"):
            with scratch("fused" if profile == "fused" else "") as settings:
                found[f"celery_{profile}"].append(steadied(lambda s=settings: through_celery(raws, s, processes)))
    rows: dict[str, Any] = {"bytes_a_capture": sum(len(raw.body) for raw in raws) // len(raws)}
    rows |= {name: median(runs) for name, runs in found.items()}
    for profile in ("staged", "fused"):
        overheads = [
            through["cpu_ms"] - alone["whole_way"]["cpu_ms"]
            for through, alone in zip(found[f"celery_{profile}"], found["in_process"], strict=True)
        ]
        rows[f"celery_{profile}"]["overhead_ms"] = statistics.median(overheads)
    return rows


def steadied(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` measures, its CPU times told for a quiet core."""
    before = yardstick()
    rows = work()
    speed = QUIET_S / ((before + yardstick()) / 2)

    def told(rows: dict[str, Any]) -> dict[str, Any]:
        return {
            key: told(value) if isinstance(value, dict) else value * speed if key == "cpu_ms" else value
            for key, value in rows.items()
        }

    return told(rows) | {"speed": speed}


def median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The medians of the same rows over several runs."""
    first = runs[0]
    return {
        key: median([run[key] for run in runs])
        if isinstance(value, dict) and key != "states"
        else statistics.median(run[key] for run in runs)
        if isinstance(value, int | float)
        else value
        for key, value in first.items()
    }


@contextmanager
def scratch(profile: str) -> Iterator[Settings]:
    """Settings on a fresh folder with a real Redis, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cdb"))
    try:
        settings = load(profile, overrides={"data_dir": str(folder), "log": {"level": "warning"}})
        with broker(settings) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def in_process(raws: list[RawCapture], settings: Settings, models: Models) -> dict[str, Any]:
    """Each stage alone and the whole way on real stores (files, Redis, SQLite), without Celery."""
    pipeline = Pipeline.open(settings, models)
    spent: dict[str, float] = dict.fromkeys(("accept", *STAGES, "deliver"), 0.0)
    began = time.perf_counter()

    def timed(name: str, work: Callable[[], Any]) -> Any:
        at = time.process_time()
        made = work()
        spent[name] += time.process_time() - at
        return made

    for start in range(0, len(raws), settings.pipeline.batch_items):
        batch = raws[start : start + settings.pipeline.batch_items]

        def accept(batch: list[RawCapture] = batch) -> list[Capture]:
            refs = pipeline.spool.put_many([raw.body for raw in batch])
            captures = [Capture.of(raw, ref) for raw, ref in zip(batch, refs, strict=True)]
            pipeline.ledger.accept(captures)
            return captures

        items: list[Any] = timed("accept", accept)
        for stage in STAGES:
            items = timed(stage, lambda stage=stage, items=items: pipeline.step(stage, items).onward)
        by_sink: dict[str, list[Delivery]] = {}
        for delivery in items:
            by_sink.setdefault(delivery.sink, []).append(delivery)
        for sink, deliveries in by_sink.items():
            timed("deliver", lambda sink=sink, deliveries=deliveries: pipeline.deliver(sink, deliveries))
    wall = time.perf_counter() - began
    pipeline.close()
    count = len(raws)
    rows: dict[str, Any] = {name: {"cpu_ms": s / count * 1000} for name, s in spent.items()}
    rows["whole_way"] = {"cpu_ms": sum(spent.values()) / count * 1000, "wall_per_s": count / wall}
    return rows


def through_celery(raws: list[RawCapture], settings: Settings, processes: int) -> dict[str, Any]:
    """The whole way through real workers: CPU of workers and producer, wall time from the first enqueue to the last end."""
    idle = children_cpu(lambda: run_workers(settings, processes, lambda workers: None))
    marks: dict[str, float] = {}

    def work(workers: Workers) -> None:
        began, cpu = time.perf_counter(), time.process_time()
        feed(settings, iter(raws))
        marks["producer_cpu"] = time.process_time() - cpu
        marks["enqueued"] = time.perf_counter() - began
        ledger = open_ledger(settings.ledger_url)
        while sum(n for state, n in ledger.counts().states.items() if state in TERMINAL_STATES) < len(raws):
            time.sleep(0.05)
        ledger.close()
        marks["done"] = time.perf_counter() - began
        marks["child_mb"] = max(map(unique_mb, children(workers.pids["worker"])), default=0.0)

    busy = children_cpu(lambda: run_workers(settings, processes, work))
    ledger = open_ledger(settings.ledger_url)
    states = ledger.counts().states
    ledger.close()
    count = len(raws)
    return {
        "cpu_ms": (busy - idle + marks["producer_cpu"]) / count * 1000,
        "producer_per_s": count / marks["enqueued"],
        "wall_per_s": count / marks["done"],
        "child_unique_mb": marks["child_mb"],
        "states": dict(states),
        "processes": processes,
    }


def run_workers(settings: Settings, processes: int, work: Callable[[Workers], None]) -> None:
    workers = Workers(settings)
    try:
        workers.start(processes=processes, beat=False, log=settings.data_dir / "worker.log")
        workers.wait_ready()
        work(workers)
    finally:
        workers.stop()


def children(pid: int) -> list[int]:
    """The processes that `pid` started and that still run; none where the system has no /proc."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def unique_mb(pid: int) -> float:
    """Memory in MB that no other process shares (the unique set size), as the kernel tells it; 0 for one that ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / 1e6


def children_cpu(work: Callable[[], None]) -> float:
    """CPU seconds of the children that `work` started and ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show(kind: str, rows: dict[str, Any]) -> None:
    table = Table(title=f"{kind} captures of {rows['bytes_a_capture']:,} bytes", title_justify="left")
    for column in ("what", "CPU ms an article", "articles/s wall"):
        table.add_column(column, justify="left" if column == "what" else "right", no_wrap=True)
    for name, row in rows["in_process"].items():
        if isinstance(row, dict):
            table.add_row(f"in process: {name}", number(row["cpu_ms"]), number(row.get("wall_per_s")))
    for name in ("celery_staged", "celery_fused"):
        row = rows[name]
        table.add_row(name.replace("_", ", "), number(row["cpu_ms"]), number(row["wall_per_s"]))
        table.add_row("  over in process", number(row["overhead_ms"]), "")
        table.add_row("  largest child, MB of its own", number(row["child_unique_mb"]), "")
    Console().print(table)
    speeds = " · ".join(f"{name} {rows[name]['speed']:.2f}" for name in ("in_process", "celery_staged", "celery_fused"))
    print(f"CPU is told for a core that adds ten million numbers in {QUIET_S} s; this one ran at: {speeds}")


def number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
