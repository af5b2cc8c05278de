"""The whole way: in one process on real stores, and through real Celery workers; latency at half load."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

from measuring import cpu_of, family, memory_of, redis_seen

from worker.cli.workers import Workers
from worker.models import TERMINAL_STATES, Capture, Delivery, RawCapture
from worker.pipeline import Models, Pipeline
from worker.producer import Producer
from worker.settings import STAGES, Settings
from worker.state.ledger import open_ledger

STALLS_S = 120.0  # without any progress, the run has failed


def in_process(raws: Sequence[RawCapture], settings: Settings, models: Models) -> dict[str, Any]:
    """The whole way on real stores (files, Redis, SQLite), without Celery; CPU ms an article by step."""
    pipeline = Pipeline.open(settings, models)
    spent: dict[str, float] = dict.fromkeys(("accept", *STAGES, "deliver"), 0.0)
    seen, began = redis_seen(settings), time.perf_counter()

    def timed(name: str, work: Callable[[], Any]) -> Any:
        at = time.process_time()
        made = work()
        spent[name] += time.process_time() - at
        return made

    for start in range(0, len(raws), settings.pipeline.batch_items):
        batch = raws[start : start + settings.pipeline.batch_items]

        def accept(batch: Sequence[RawCapture] = batch) -> list[Capture]:
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
    redis_s = redis_seen(settings)["cpu_s"] - seen["cpu_s"]
    count = len(raws)
    rows: dict[str, Any] = {f"{name}_ms": seconds / count * 1000 for name, seconds in spent.items()}
    rows["redis_ms"] = redis_s / count * 1000
    rows["cpu_ms"] = (sum(spent.values()) + redis_s) / count * 1000
    rows["wall_per_s"] = count / wall
    return rows


def through_celery(raws: Sequence[RawCapture], settings: Settings, processes: int) -> dict[str, Any]:
    """The whole way through real workers: CPU of workers, producer and Redis from readiness to the last end."""
    workers = Workers(settings)
    count = len(raws)
    try:
        began = time.perf_counter()
        workers.start(processes=processes, beat=False, log=settings.data_dir / "worker.log")
        workers.wait_ready()
        ready_s = time.perf_counter() - began
        pid = workers.pids["worker"]
        cpu, own, seen, began = cpu_of(pid), time.process_time(), redis_seen(settings), time.perf_counter()
        with Producer.open(settings) as producer:
            for raw in raws:
                producer.add(raw)
            producer.flush()
        enqueued, own = time.perf_counter() - began, time.process_time() - own
        states = _ended(settings, count)
        done = time.perf_counter() - began
        cpu, after = cpu_of(pid) - cpu, redis_seen(settings)
        memories = [memory_of(child) for child in family(pid)[1:]] or [memory_of(pid)]
    finally:
        workers.stop()
    redis_s = after["cpu_s"] - seen["cpu_s"]
    return {
        "cpu_ms": (cpu + own + redis_s) / count * 1000,
        "worker_ms": cpu / count * 1000,
        "producer_ms": own / count * 1000,
        "redis_ms": redis_s / count * 1000,
        "producer_per_s": count / enqueued,
        "wall_per_s": count / done,
        "redis_round_trips": (after["round_trips"] - seen["round_trips"]) / count,
        "redis_commands": (after["commands"] - seen["commands"]) / count,
        "redis_bytes_kept": (after["memory"] - seen["memory"]) / count,
        "redis_bytes_at_most": (after["peak"] - seen["memory"]) / count,
        "child_rss_mb": max(memory["rss_mb"] for memory in memories),
        "child_unique_mb": max(memory["unique_mb"] for memory in memories),
        "ready_s": ready_s,
        "stored": states.get("stored", 0) / count,
    }


def latency(raws: Sequence[RawCapture], settings: Settings, per_s: float) -> dict[str, float]:
    """Seconds from the ledger's accept to the receipt of the store, at `per_s` captures a second, evenly spread."""
    workers = Workers(settings)
    try:
        workers.start(processes=1, beat=False, log=settings.data_dir / "worker.log")
        workers.wait_ready()
        began = time.perf_counter()
        with Producer.open(settings) as producer:
            for number, raw in enumerate(raws):
                wait = began + number / per_s - time.perf_counter()
                if wait > 0.02:  # a producer that has nothing sends what it holds
                    producer.flush()
                    time.sleep(wait)
                producer.add(raw)
            producer.flush()
        sent_s = time.perf_counter() - began
        _ended(settings, len(raws))
        _delivered(settings)
    finally:
        workers.stop()
    with sqlite3.connect(settings.ledger_url.removeprefix("sqlite:///")) as ledger:
        took = ledger.execute(
            "SELECT d.updated_at - c.accepted_at FROM deliveries d JOIN captures c USING (n) WHERE d.state = 'done'"
        ).fetchall()
    ordered = sorted(row[0] for row in took)
    return {"per_s": len(raws) / sent_s, "articles": len(ordered)} | {
        f"p{percent}_s": ordered[math.ceil(len(ordered) * percent / 100) - 1] for percent in (50, 95, 99)
    }


def _ended(settings: Settings, count: int) -> dict[str, int]:
    """The ledger's counts by state, once all `count` captures have come to an end."""
    return _awaited(settings, lambda states, waiting: sum(states[s] for s in TERMINAL_STATES if s in states), count)


def _delivered(settings: Settings) -> None:
    _awaited(settings, lambda states, waiting: -waiting, 0)


def _awaited(settings: Settings, reached: Callable[[dict[Any, int], int], int], wanted: int) -> dict[str, int]:
    ledger = open_ledger(settings.ledger_url)
    at, moved = -(10**9), time.monotonic()
    try:
        while at < wanted:
            counts = ledger.counts()
            now = reached(dict(counts.states), counts.deliveries.get("waiting", 0))
            if now > at:
                at, moved = now, time.monotonic()
            elif time.monotonic() - moved > STALLS_S:
                raise RuntimeError(f"nothing moved for {STALLS_S:.0f} s: {dict(counts.states)} of {wanted}")
            time.sleep(0.05)
        return {str(state): n for state, n in ledger.counts().states.items()}
    finally:
        ledger.close()
