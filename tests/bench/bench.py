"""Throughput, measured: each stage alone in one process, the whole way on real stores, and through Celery.

    python tests/bench/bench.py                 # a table, and JSON in bench-results/bench.json
    python tests/bench/bench.py --captures 10000 --kind text

CPU is what the operating system charged (user + system); rates on a shared machine are worth less than ratios
taken in one run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from material import html_captures, text_captures
from rich.console import Console
from rich.table import Table

from worker.cli.embedded import broker
from worker.cli.feed import feed
from worker.cli.workers import Workers
from worker.models import TERMINAL_STATES, Capture, Delivery, RawCapture
from worker.pipeline import Models, Pipeline, load_models
from worker.settings import STAGES, Settings, load
from worker.state.ledger import open_ledger


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=2000)
    parser.add_argument("--kind", choices=["text", "html", "both"], default="both")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("bench-results/bench.json"))
    wanted = parser.parse_args()
    models = load_models()
    report: dict[str, Any] = {"captures": wanted.captures, "cores": os.cpu_count(), "python": sys.version.split()[0]}
    kinds = ["text", "html"] if wanted.kind == "both" else [wanted.kind]
    for kind in kinds:
        make = text_captures if kind == "text" else html_captures
        raws = list(make(wanted.captures))
        report[kind] = measure(raws, models, wanted.processes)
        show(kind, report[kind])
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written: {wanted.out}")


def measure(raws: list[RawCapture], models: Models, processes: int) -> dict[str, Any]:
    """All rows for one kind of capture; CPU in ms an article, rates in articles a second."""
    rows: dict[str, Any] = {"bytes_a_capture": sum(len(raw.body) for raw in raws) // len(raws)}
    with scratch("fused") as settings:
        rows["in_process"] = in_process(raws, settings, models)
    for profile in ("staged", "fused"):
        with scratch("fused" if profile == "fused" else "") as settings:
            rows[f"celery_{profile}"] = through_celery(raws, settings, processes)
            own = rows["in_process"]["whole_way"]["cpu_ms"]
            rows[f"celery_{profile}"]["overhead_ms"] = rows[f"celery_{profile}"]["cpu_ms"] - own
    return rows


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
    rows = {name: {"cpu_ms": s / count * 1000, "per_s": count / s if s else None} for name, s in spent.items()}
    total = sum(spent.values())
    rows["whole_way"] = {"cpu_ms": total / count * 1000, "per_s": count / total, "wall_per_s": count / wall}
    return rows


def through_celery(raws: list[RawCapture], settings: Settings, processes: int) -> dict[str, Any]:
    """The whole way through real workers: CPU of workers and producer, wall time from the first enqueue to the last end."""
    idle = children_cpu(lambda: run_workers(settings, processes, lambda: None))
    marks: dict[str, float] = {}

    def work() -> None:
        began, cpu = time.perf_counter(), time.process_time()
        feed(settings, iter(raws))
        marks["producer_cpu"] = time.process_time() - cpu
        marks["enqueued"] = time.perf_counter() - began
        ledger = open_ledger(settings.ledger_url)
        while sum(n for state, n in ledger.counts().states.items() if state in TERMINAL_STATES) < len(raws):
            time.sleep(0.05)
        ledger.close()
        marks["done"] = time.perf_counter() - began

    busy = children_cpu(lambda: run_workers(settings, processes, work))
    ledger = open_ledger(settings.ledger_url)
    states = ledger.counts().states
    ledger.close()
    count = len(raws)
    return {
        "cpu_ms": (busy - idle + marks["producer_cpu"]) / count * 1000,
        "producer_per_s": count / marks["enqueued"],
        "wall_per_s": count / marks["done"],
        "states": dict(states),
        "processes": processes,
    }


def run_workers(settings: Settings, processes: int, work: Callable[[], None]) -> None:
    workers = Workers(settings)
    try:
        workers.start(processes=processes, beat=False, log=settings.data_dir / "worker.log")
        workers.wait_ready()
        work()
    finally:
        workers.stop()


def children_cpu(work: Callable[[], None]) -> float:
    """CPU seconds of the children that `work` started and ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show(kind: str, rows: dict[str, Any]) -> None:
    table = Table(title=f"{kind} captures of {rows['bytes_a_capture']:,} bytes", title_justify="left")
    for column in ("what", "CPU ms an article", "articles/s of CPU", "articles/s wall"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name, row in rows["in_process"].items():
        table.add_row(f"in process: {name}", *(number(row.get(key)) for key in ("cpu_ms", "per_s", "wall_per_s")))
    for name in ("celery_staged", "celery_fused"):
        row = rows[name]
        table.add_row(name.replace("_", ", "), number(row["cpu_ms"]), "", number(row["wall_per_s"]))
        table.add_row("  over in process", number(row["overhead_ms"]), "", "")
    Console().print(table)


def number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
