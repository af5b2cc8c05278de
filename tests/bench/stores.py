"""Throughput of the stores that are read back, from two processes, beside bare SQLite and psycopg writing the same rows.

    python tests/bench/stores.py
    python tests/bench/stores.py --postgres postgresql://user@/database?host=/run/postgresql --articles 4000

Wall rates depend on the disk and on who shares the cores, so each stands between two yardsticks: ten million additions in
as many processes at once as write. `quiet_per_s` is the rate for cores that take QUIET_S for them; the median of the rounds is
told. Articles are made by the whole way from captures of about 3,000 characters; a batch is 64, as a worker delivers them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from material import text_captures
from measuring import QUIET_S, additions, median

from worker.formats.row import row_of
from worker.models import BodyRef, CleanArticle, Delivery, SinkItem, delivery_id_of
from worker.pipeline import Pipeline, whole_way
from worker.pipeline.memory import collect_seldom, keep_what_is_loaded
from worker.plugins import open_sink
from worker.settings import load

BATCH = 64
PROCESSES = 2
BARE_SQLITE, SQLITE = "bare sqlite3, one process", "sqlite sink, two processes"
BARE_POSTGRES, POSTGRES = "bare psycopg, one process", "postgres sink, two processes"  # their CPU is the client's


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", help="a database of its own: the schema copydesk_bench is dropped in it")
    wanted = parser.parse_args()
    print(json.dumps(measure(wanted.articles, wanted.rounds, wanted.postgres), indent=2))


def measure(count: int, rounds: int, postgres_url: str | None) -> dict[str, Any]:
    """Medians of the rounds, a row a store; of PostgreSQL only where a server is named."""
    items = articles(count)
    keep_what_is_loaded()  # as a worker does
    collect_seldom()
    told: dict[str, Any] = {"articles": len(items), "batch": BATCH, "processes": PROCESSES, "rounds": rounds}
    return told | median([a_round(items, postgres_url) for _ in range(rounds)])


def a_round(items: list[SinkItem], url: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="cdb") as folder:
        told[BARE_SQLITE] = bare(items, Path(folder, "bare.sqlite"))
        told[SQLITE] = measured(items, "sqlite", {"path": str(Path(folder, "articles.sqlite"))})
    if url:
        told[BARE_POSTGRES] = bare_postgres(items, url)
        told[POSTGRES] = postgres(items, url)
    return told


def articles(count: int) -> list[SinkItem]:
    """Finished articles with their deliveries."""
    cleans = [result.clean for result in whole_way(Pipeline.in_memory(load("fused")), text_captures(count))]
    return [SinkItem(_delivery(clean), clean) for clean in cleans if clean is not None]


def _delivery(clean: CleanArticle) -> Delivery:
    return Delivery(
        delivery_id=delivery_id_of("bench", "upsert", clean.content_digest()),
        capture_id=clean.article.capture.capture_id,
        article_id=clean.article.article_id,
        sink="bench",
        route="all",
        version=clean.version,
        body=BodyRef(digest="0" * 64, size=0),
    )


def bare(items: list[SinkItem], path: Path) -> dict[str, float]:
    """One executemany for the rows and one for FTS5, in a synced transaction a batch: what SQLite itself takes."""
    rows = [row_of(item) for item in items]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, headline, text, record, route)")
    connection.execute("CREATE VIRTUAL TABLE s USING fts5 (headline, text, content = 'a', content_rowid = 'id')")

    def work() -> None:
        for start in range(0, len(rows), BATCH):
            batch = list(enumerate(rows[start : start + BATCH], start))
            connection.execute("BEGIN IMMEDIATE")
            values = [(number, row.headline, row.text, row.record, row.route) for number, row in batch]
            connection.executemany("INSERT INTO a VALUES (?, ?, ?, ?, ?)", values)
            connection.executemany("INSERT INTO s (rowid, headline, text) VALUES (?, ?, ?)", [v[:3] for v in values])
            connection.execute("COMMIT")

    return timed(work, len(rows), resource.RUSAGE_SELF)


def measured(items: list[SinkItem], kind: str, options: dict[str, Any]) -> dict[str, float]:
    """A sink that all processes write to at once, each its own share."""
    open_sink("bench", kind, options).write(items[:0])
    context = multiprocessing.get_context("fork")
    shares = [items[share::PROCESSES] for share in range(PROCESSES)]

    def work() -> None:
        running = [context.Process(target=write, args=(kind, options, share)) for share in shares]
        for one in running:
            one.start()
        for one in running:
            one.join()
            assert one.exitcode == 0

    return timed(work, len(items), resource.RUSAGE_CHILDREN)


def write(kind: str, options: dict[str, Any], items: list[SinkItem]) -> None:
    sink = open_sink("bench", kind, options)
    for start in range(0, len(items), BATCH):
        sink.write(items[start : start + BATCH])
    sink.close()


def postgres(items: list[SinkItem], url: str) -> dict[str, float]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS copydesk_bench CASCADE")
    return measured(items, "postgres", {"url": url, "schema": "copydesk_bench"})


def bare_postgres(items: list[SinkItem], url: str) -> dict[str, float]:
    """What a plain program does: one executemany a synced transaction, the words cut by `to_tsvector`."""
    import psycopg

    rows = [row_of(item) for item in items]
    insert = (
        "INSERT INTO copydesk_bench.bare VALUES (%s, %s, %s, %s,"
        " to_tsvector('simple', coalesce(%s, '') || ' ' || left(%s, 100000)))"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS copydesk_bench CASCADE")
        connection.execute("CREATE SCHEMA copydesk_bench")
        connection.execute(
            "CREATE TABLE copydesk_bench.bare"
            " (article_id text PRIMARY KEY, headline text, body text, record jsonb, search tsvector)"
        )
        connection.execute("CREATE INDEX ON copydesk_bench.bare USING gin (search)")

        def work() -> None:
            for start in range(0, len(rows), BATCH):
                batch = rows[start : start + BATCH]
                values = [(r.article_id, r.headline, r.text, r.record, r.headline, r.text) for r in batch]
                with connection.transaction():
                    connection.cursor().executemany(insert, values)

        return timed(work, len(rows), resource.RUSAGE_SELF)


def timed(work: Callable[[], None], count: int, who: int) -> dict[str, float]:
    """Articles a second of wall clock, and ms of CPU an article; what they would be on quiet cores."""
    before, spent = additions(PROCESSES), resource.getrusage(who)
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    after = resource.getrusage(who)
    speed = QUIET_S / ((before + additions(PROCESSES)) / 2)
    cpu = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
    return {
        "per_s": round(count / took),
        "quiet_per_s": round(count / took / speed),
        "cpu_ms": round(cpu * speed / count * 1000, 3),
        "speed": round(speed, 2),
    }


if __name__ == "__main__":
    main()
