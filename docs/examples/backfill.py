"""A backfill without a broker: the in-process pipeline mapped over the partitions of an archive.

    python docs/examples/backfill.py OUT_FOLDER 'archive/*.warc.gz' --processes 8
    python docs/examples/backfill.py OUT_FOLDER 'archive/*.warc.gz' --stories redis://host:6379/0

`articles` is a plain function from locations to records: an engine that maps a function over partitions can carry it
(`mapPartitions` in Spark, `map_batches` in Ray). One partition's output is one file that is there whole or not at all,
so a partition that was lost is simply run again. Without `--stories` copies are found within a partition only; with it
all partitions share one index. After a crash, a partition that runs again finds its own claims there and gets the same
verdicts, because ids are computed and not drawn.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from worker.formats.record import record
from worker.intake import Unreadable, expand, read
from worker.models import BrokenRecord, CaptureFacts, RawCapture
from worker.pipeline import Models, Pipeline, load_models, whole_way
from worker.settings import load
from worker.state.ledger import open_ledger
from worker.state.spool import open_spool
from worker.state.stories import open_stories

Record = dict[str, Any]


@cache
def models() -> Models:
    """Loaded once a process; forked children share them."""
    return load_models()


def articles(
    locations: Iterable[str], source: str = "backfill", stories: str = "memory://"
) -> Iterator[dict[str, Any]]:
    """The article records of one partition, streaming; what is no article or an undelivered copy is left out."""
    settings = load("fused")
    pipeline = Pipeline(
        settings,
        models(),
        spool=open_spool("memory://"),
        ledger=open_ledger("memory://"),
        stories=open_stories(stories, settings.deduplicate, prefix=settings.broker.key_prefix),
    )
    try:
        captures = readable(read(list(locations), defaults=CaptureFacts(source=source)))
        for result in whole_way(pipeline, captures):
            if result.clean is not None and result.deliveries:
                yield record(result.clean)
    finally:
        pipeline.close()


def readable(items: Iterable[RawCapture | BrokenRecord | Unreadable]) -> Iterator[RawCapture | BrokenRecord]:
    """Records; a location that cannot be read at all stops its partition, so that it is seen."""
    for item in items:
        if isinstance(item, Unreadable):
            raise OSError(f"{item.location}: {item.detail}")
        yield item


def write(folder: Path, stories: str, locations: Sequence[str]) -> tuple[Path, int]:
    """One partition's file, named after what is in it; how many articles it holds."""
    path = folder / f"{sha256(chr(10).join(locations).encode()).hexdigest()[:16]}.jsonl"
    if path.exists():
        return path, sum(1 for _ in path.open("rb"))
    part, count = path.with_suffix(".part"), 0
    with part.open("w", encoding="utf-8") as out:
        for one in articles(locations, stories=stories):
            out.write(json.dumps(one, ensure_ascii=False) + "\n")
            count += 1
    part.replace(path)
    return path, count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("locations", nargs="+", help="each file is a partition")
    parser.add_argument("--stories", default="memory://", help="redis://… for one index over all partitions")
    parser.add_argument("--processes", type=int, default=None)
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    models()  # before the fork
    partitions = [[location] for location in expand(wanted.locations)]
    with multiprocessing.get_context("fork").Pool(wanted.processes) as pool:
        for path, count in pool.imap_unordered(partial(write, wanted.out, wanted.stories), partitions):
            print(f"{path}\t{count}")


if __name__ == "__main__":
    main()
