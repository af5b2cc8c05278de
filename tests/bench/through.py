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
from worker.pipeline import pipeline as pipeline_module
from worker.producer import Producer
from worker.settings import STAGES, Settings
from worker.stages import normalize as normalizing
from worker.state.ledger import open_ledger

STALLS_S = 120.0  # without any progress, the run has failed
SETTLES_S = 1.1  # what is acknowledged and told after the last end: task events are gathered for a second


class InProcess:
    """The whole way on real stores (files, Redis, SQLite) in this process, without Celery, slice by slice."""

    def __init__(self, settings: Settings, models: Models) -> None:
        self._settings = settings
        self._pipeline = Pipeline.open(settings, models)
        self._functions = Timed()
        for name in ("paragraph_hashes", "fingerprints", "regions_of", "topics", "route"):
            self._functions.replace(pipeline_module, name)
        for name in ("known_furniture", "claim", "confirm"):
            self._functions.replace(self._pipeline.stories, name)
        many = normalizing.normalize_many  # it answers with functions, which do most of the work
        normalizing.normalize_many = self._functions.of(lambda *given: [self._functions.of(m) for m in many(*given)])
        self._functions.undo.append(lambda: setattr(normalizing, "normalize_many", many))

    def take(self, raws: Sequence[RawCapture]) -> dict[str, Any]:
        """CPU ms a capture by step; `redis_ms` is the story index alone, since nothing is queued.

        `stages_ms` is the stages' own work of it, timed where it is called: the functions of the stages, and the story
        index with its server.
        """
        pipeline, at_once = self._pipeline, self._settings.pipeline.batch_items
        self._functions.seconds = 0.0
        spent: dict[str, float] = dict.fromkeys(("accept", *STAGES, "deliver"), 0.0)
        redis_s = redis_seen(self._settings)["cpu_s"]

        def timed(name: str, work: Callable[[], Any]) -> Any:
            at = time.process_time()
            made = work()
            spent[name] += time.process_time() - at
            return made

        for start in range(0, len(raws), at_once):
            batch = raws[start : start + at_once]
            items: list[Any] = timed("accept", lambda batch=batch: self._accept(batch))
            for stage in STAGES:
                items = timed(stage, lambda stage=stage, items=items: pipeline.step(stage, items).onward)
            by_sink: dict[str, list[Delivery]] = {}
            for delivery in items:
                by_sink.setdefault(delivery.sink, []).append(delivery)
            for sink, deliveries in by_sink.items():
                timed("deliver", lambda sink=sink, deliveries=deliveries: pipeline.deliver(sink, deliveries))
        redis_s = redis_seen(self._settings)["cpu_s"] - redis_s
        rows: dict[str, Any] = {f"{name}_ms": seconds / len(raws) * 1000 for name, seconds in spent.items()}
        rows["redis_ms"] = redis_s / len(raws) * 1000
        rows["cpu_ms"] = sum(rows.values())
        return rows | {"stages_ms": self._functions.seconds / len(raws) * 1000 + rows["redis_ms"]}

    def _accept(self, batch: Sequence[RawCapture]) -> list[Capture]:
        refs = self._pipeline.spool.put_many([raw.body for raw in batch])
        captures = [Capture.of(raw, ref) for raw, ref in zip(batch, refs, strict=True)]
        self._pipeline.ledger.accept(captures)
        return captures

    def close(self) -> None:
        for undo in self._functions.undo:
            undo()
        self._pipeline.close()


class Timed:
    """CPU seconds of all that is called through it; what is called within such a call counts once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.undo: list[Callable[[], None]] = []
        self._inside = False

    def of(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any) -> Any:
            if self._inside:
                return work(*given)
            self._inside, at = True, time.process_time()
            try:
                return work(*given)
            finally:
                self.seconds += time.process_time() - at
                self._inside = False

        return timed

    def replace(self, owner: Any, name: str) -> None:
        """Let `owner` call its `name` through this clock."""
        work = getattr(owner, name)
        setattr(owner, name, self.of(work))
        self.undo.append(lambda: setattr(owner, name, work))


class ThroughCelery:
    """The whole way through real workers, slice by slice: CPU of workers, producer and Redis."""

    def __init__(self, settings: Settings, processes: int) -> None:
        self._settings = settings
        self._workers = Workers(settings)
        self._sent = 0
        try:
            self._workers.start(processes=processes, beat=False, log=settings.data_dir / "worker.log")
            self._workers.wait_ready()
            self.producer = Producer.open(settings)
        except BaseException:
            self._workers.stop()
            raise

    def take(self, raws: Sequence[RawCapture]) -> dict[str, Any]:
        """From the first `add` until all of them have an end; `*_ms` is CPU a capture, with what comes after the end."""
        pid, count = self._workers.pids["worker"], len(raws)
        cpu, own, seen, began = cpu_of(pid), time.process_time(), redis_seen(self._settings), time.perf_counter()
        for raw in raws:
            self.producer.add(raw)
        self.producer.flush()
        enqueued, own = time.perf_counter() - began, time.process_time() - own
        self._sent += count
        states = _ended(self._settings, self._sent)
        done = time.perf_counter() - began
        time.sleep(SETTLES_S)
        cpu, after = cpu_of(pid) - cpu, redis_seen(self._settings)
        redis_s = after["cpu_s"] - seen["cpu_s"]
        memories = [memory_of(child) for child in family(pid)[1:]] or [memory_of(pid)]
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
            "stored": states.get("stored", 0) / self._sent,
        }

    def close(self) -> None:
        self.producer.close()
        self._workers.stop()


def latency(raws: Sequence[RawCapture], settings: Settings, per_s: float) -> dict[str, float]:
    """Seconds from the producer's `add` to the receipt of the store, at `per_s` captures a second, evenly spread.

    The producer holds a capture back for a second at most while others come, as it does for everybody.
    """
    way, added = ThroughCelery(settings, processes=1), {}
    try:
        began = time.perf_counter()
        for number, raw in enumerate(raws):
            time.sleep(max(0.0, began + number / per_s - time.perf_counter()))
            added[raw.url] = time.time()
            way.producer.add(raw)
        way.producer.flush()
        sent_s = time.perf_counter() - began
        _ended(settings, len(raws))
    finally:
        way.close()
    with sqlite3.connect(settings.ledger_url.removeprefix("sqlite:///")) as ledger:
        stored = ledger.execute(
            "SELECT c.url, d.updated_at FROM deliveries d JOIN captures c USING (n) WHERE d.state = 'done'"
        ).fetchall()
    ordered = sorted(at - added[url] for url, at in stored)
    return {"per_s": len(raws) / sent_s, "articles": len(ordered)} | {
        f"p{percent}_s": ordered[math.ceil(len(ordered) * percent / 100) - 1] for percent in (50, 95, 99)
    }


def _ended(settings: Settings, count: int) -> dict[str, int]:
    """The ledger's counts by state, once `count` captures have come to an end."""
    ledger = open_ledger(settings.ledger_url)
    at, moved = -1, time.monotonic()
    try:
        while True:
            states = ledger.counts().states
            ended = sum(states[state] for state in TERMINAL_STATES if state in states)
            if ended >= count:
                return {str(state): n for state, n in states.items()}
            if ended > at:
                at, moved = ended, time.monotonic()
            elif time.monotonic() - moved > STALLS_S:
                raise RuntimeError(f"nothing moved for {STALLS_S:.0f} s: {dict(states)} of {count}")
            time.sleep(0.05)
    finally:
        ledger.close()
