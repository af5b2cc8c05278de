"""How fast records get from a file into the queue, beside the least that would have to be done.

    python tests/bench/enqueue.py --records 20000

The yardstick reads the same lines, writes the bodies to one synced file and the lines to one SQLite table, and pushes
the captures to the same Redis in messages of 32: no recognition, no validation, no ids, no ledger, no Celery.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from material import text_captures
from measuring import desk

from worker.models import CaptureFacts
from worker.producer import Producer
from worker.settings import Settings
from worker.state.redis_server import connect

MESSAGE = 32


def measure(records: int, rounds: int = 3) -> dict[str, Any]:
    """Records a second by wall clock and by CPU of this process, and both as shares of the yardstick's."""
    with tempfile.TemporaryDirectory(prefix="cdb") as name:
        folder = Path(name)
        lines = folder / "stories.jsonl"
        with lines.open("w") as out:
            for raw in text_captures(records):
                story = {"url": raw.url, "text": raw.body.decode(), "captured_at": str(raw.captured_at)}
                out.write(json.dumps(story) + "\n")
        roomy = {"high_water": 10**9, "low_water": 1}
        ours: list[tuple[float, float]] = []
        least: list[tuple[float, float]] = []
        with desk(producer=roomy, broker={"server_maxmemory_mb": 10**9}) as settings:
            for _ in range(rounds):
                least.append(_timed(lambda: _least(lines, settings), records))
                ours.append(_timed(lambda: _enqueue(lines, settings), records))
        rows: dict[str, Any] = {"records": records, "bytes_a_record": lines.stat().st_size // records}
    for at, clock in enumerate(("wall", "cpu")):
        rows[f"{clock}_per_s"] = statistics.median(run[at] for run in ours)
        rows[f"{clock}_of_yardstick"] = statistics.median(a[at] / b[at] for a, b in zip(ours, least, strict=True))
    return rows


def _timed(work: Callable[[], None], records: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return records / (time.perf_counter() - wall), records / (time.process_time() - cpu)


def _enqueue(lines: Path, settings: Settings) -> None:
    with Producer.open(settings) as producer:
        tally = producer.take([str(lines)], defaults=CaptureFacts(source=f"run-{time.monotonic_ns()}"))
        assert tally.accepted == tally.read > 0


def _least(lines: Path, settings: Settings) -> None:
    client = connect(settings.broker.url)
    with sqlite3.connect(lines.with_name("yardstick.sqlite")) as ledger, lines.with_suffix(".bodies").open("wb") as out:
        ledger.execute("CREATE TABLE IF NOT EXISTS captures (id TEXT, line TEXT)")
        waiting: list[str] = []
        pipe = client.pipeline(transaction=False)
        rows = []
        for line in lines.open("rb"):
            story = json.loads(line)
            body = story.pop("text").encode()
            out.write(body)
            waiting.append(json.dumps(story))
            rows.append((hashlib.sha256(body).hexdigest(), waiting[-1]))
            if len(waiting) == MESSAGE:
                pipe.lpush("yardstick", json.dumps(waiting))
                waiting = []
        out.flush()
        os.fsync(out.fileno())
        ledger.executemany("INSERT INTO captures VALUES (?, ?)", rows)
        pipe.execute()
    ledger.close()
    client.close()


def told(rows: dict[str, Any]) -> str:
    return (
        f"enqueue: {rows['records']:,} records of {rows['bytes_a_record']:,} bytes: "
        f"{rows['wall_per_s']:,.0f}/s by the clock ({rows['wall_of_yardstick']:.2f} of the yardstick), "
        f"{rows['cpu_per_s']:,.0f}/s of CPU ({rows['cpu_of_yardstick']:.2f} of it)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    print(told(measure(wanted.records, wanted.rounds)))
