"""What a capture takes in memory while an index grows by real claims, and what a claim costs on the way.

    python tests/bench/story_memory.py                  # 1,000,000 captures: a quarter of an hour
    python tests/bench/story_memory.py --sizes 10000 100000

The captures are those of story_index.py: 22 anchors and 11 numbers on average, 14 paragraphs each on up to 5,000 sites, one
in five a copy; batches of 32, confirmed at once. Nothing is written past the claims. Memory is what the server says it uses
(used_memory) beyond what it used before; cost is what its process was charged for the last tenth before each size.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from story_index import BATCH, RULES, Stream

from worker.state import redis_server
from worker.state.stories import Settled
from worker.state.stories.redis_index import RedisStories


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 300_000, 1_000_000])
    parser.add_argument("--binary", help="the server program; else the one copydesk finds")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cdb") as folder:
        server = redis_server.start(Path(folder), binary=wanted.binary, maxmemory_mb=4096)
        try:
            for told in grown(server, sorted(wanted.sizes)):
                print(json.dumps(told), flush=True)
        finally:
            redis_server.stop(server, force=True)


def grown(server: redis_server.RedisServer, sizes: list[int]) -> Any:
    client = redis_server.connect(server.url)
    client.config_set("appendonly", "no")  # the disk is not what is asked about
    before = client.info("memory")["used_memory"]
    index, stream, held = RedisStories(server.url, RULES, prefix="b:"), Stream(seed=7), 0
    for size in sizes:
        marks: dict[str, float] = {}
        while held < size:
            if not marks and held >= 0.9 * size:
                marks = {"held": held, "cpu_s": _cpu_s(client)}
            batch = stream.take(min(BATCH, size - held))
            verdicts = index.claim(batch)
            settled = [Settled(f.capture_id, v.story_id, v.fence) for f, v in zip(batch, verdicts, strict=True)]
            index.confirm(settled)
            held += len(batch)
        spent = (_cpu_s(client) - marks["cpu_s"]) / (held - marks["held"])
        used = client.info("memory")["used_memory"] - before
        said = index.size()
        yield {
            "server": server.version,
            "captures": held,
            "bytes_a_capture": round(used / held),
            "server_us_a_claim": round(spent * 1e6),
            "of_it_as_status_says": round(said.bytes / held),
            "stories": said.stories,
        }
    index.close()
    client.close()


def _cpu_s(client: Any) -> float:
    told = client.info("cpu")
    return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])


if __name__ == "__main__":
    main()
