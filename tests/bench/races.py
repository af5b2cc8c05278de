"""Two processes claim copies of one text at the same instant: how often exactly one of the two is new.

    python tests/bench/races.py                     # 10,000 races, about a minute
    python tests/bench/races.py --binary redis-server

Before each race both processes meet at a barrier. Then the owners confirm, and every capture is claimed twice more by
both: the verdict must be the first one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from worker.rules import DedupRules
from worker.stages.deduplicate import Fingerprint
from worker.state import redis_server
from worker.state.stories import Settled
from worker.state.stories.redis_index import RedisStories

RULES = DedupRules()
BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--races", type=int, default=10_000)
    parser.add_argument("--binary", help="the server program; else the one copydesk finds")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cdb") as folder:
        server = redis_server.start(Path(folder), binary=wanted.binary)
        try:
            print(json.dumps({"server": server.version} | raced(server.url, wanted.races), indent=2))
        finally:
            redis_server.stop(server, force=True)


def raced(url: str, races: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    queue = context.Queue()
    sides = [context.Process(target=run_side, args=(url, races, side, barrier, queue)) for side in range(2)]
    for one in sides:
        one.start()
    said = dict(queue.get() for _ in sides)
    for one in sides:
        one.join()
    pairs = Counter(tuple(sorted(pair)) for pair in zip(said[0]["first"], said[1]["first"], strict=True))
    return {
        "races": races,
        "exactly_one_new": pairs["new", "pending_copy"] + pairs["exact_copy", "new"],
        "pairs": {" and ".join(pair): count for pair, count in pairs.items()},
        "won_by_the_first_process": said[0]["first"].count("new"),
        "redelivered": said[0]["redelivered"] + said[1]["redelivered"],
        "same_verdict_again": said[0]["same"] + said[1]["same"],
    }


def run_side(url: str, races: int, side: int, barrier: Barrier, queue: Any) -> None:
    index = RedisStories(url, RULES, prefix="race:")
    texts = [text(race, side) for race in range(races)]
    first = []
    for each in texts:
        barrier.wait()
        first.append(index.claim([each])[0])
    index.confirm(
        [Settled(f.capture_id, v.story_id, v.fence) for f, v in zip(texts, first, strict=True) if v.kind == "new"]
    )
    barrier.wait()
    final = claimed(index, texts)
    again = claimed(index, texts)
    # What was new stays new; what waited is judged once its story is settled, and keeps that verdict.
    same = sum(
        now == later and (before == now or before.kind == "pending_copy")
        for before, now, later in zip(first, final, again, strict=True)
    )
    queue.put((side, {"first": [v.kind for v in first], "redelivered": len(again), "same": same}))


def claimed(index: RedisStories, texts: Sequence[Fingerprint]) -> list[Any]:
    return [v for at in range(0, len(texts), BATCH) for v in index.claim(texts[at : at + BATCH])]


def text(race: int, side: int) -> Fingerprint:
    """The same text for both sides, under another address and capture."""
    shared, own = random.Random(race), random.Random(f"{race} {side}")
    anchors = tuple(shared.getrandbits(48) for _ in range(22))
    return Fingerprint(
        capture_id=own.randbytes(32).hex(),
        site=f"site{side}.example",
        language="en",
        url_key=own.randbytes(8).hex(),
        exact_hash=shared.randbytes(16).hex(),
        anchors=anchors,
        blocks=(255,) * len(anchors),
        numbers=tuple(sorted(shared.sample(range(2**16), 11))),
        numbers_total=11,
        words=400,
        too_short=False,
        paragraphs=(),
    )


if __name__ == "__main__":
    main()
