"""The story index beside datasketch's MinHash LSH on Redis, from text to verdict, in one run.

    pip install datasketch
    python tests/bench/datasketch_lsh.py            # 1,280 texts of 400 words, rounds in turn

Each round gives both the same texts, of which one in five is a copy: ours through `known_furniture`, `fingerprint`,
`claim` and `confirm` in batches of 32; theirs through MinHash of 128 permutations over runs of five words, a query and an
insertion each at a threshold of 0.5. Memory is what the server says of all it holds, before and after.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from worker.models import Article, BodyRef, Capture, Extractor, Origin, digest_of
from worker.rules import DedupRules
from worker.stages.deduplicate import fingerprint, paragraph_hashes
from worker.state import redis_server
from worker.state.stories import Settled
from worker.state.stories.redis_index import RedisStories

BATCH = 32
RULES = DedupRules()
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1280)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binary", help="the server program; else the one copydesk finds")
    wanted = parser.parse_args()
    rounds = []
    for round_number in range(wanted.rounds):
        articles = made(wanted.texts, round_number)
        rounds.append({name: on_a_server(work, articles, wanted.binary) for name, work in WAYS.items()})
    report: dict[str, Any] = {"texts": wanted.texts, "rounds": wanted.rounds}
    for name in WAYS:
        report[name] = {
            what: round(statistics.median(one[name][what] for one in rounds), 1) for what in rounds[0][name]
        }
    report["times_the_rate"] = [
        round(one["copydesk"]["texts_per_s"] / one["datasketch"]["texts_per_s"], 1) for one in rounds
    ]
    print(json.dumps(report, indent=2))


def made(count: int, seed: int) -> list[Article]:
    """Texts of 400 words in paragraphs of 40, one in five a copy of an earlier one."""
    draw = random.Random(seed)
    words = ["".join(draw.choices(LETTERS, k=draw.randint(2, 9))) for _ in range(5000)]
    texts: list[tuple[str, ...]] = []
    articles = []
    for number in range(count):
        if texts and draw.random() < 0.2:
            text = draw.choice(texts)
        else:
            text = tuple(" ".join(draw.choices(words, k=40)) + "." for _ in range(10))
        texts.append(text)
        url = f"https://site{draw.randrange(200)}.example/{number}"
        identity = digest_of(seed, number)
        body = BodyRef(digest="0" * 64, size=1)
        capture = Capture(capture_id=identity, body=body, origin=Origin(location="bench"), url=url)
        extractor = Extractor(name="bench", version="1", path="bench")
        articles.append(Article(capture=capture, article_id=identity, text=text, url=url, extractor=extractor))
    return articles


def on_a_server(
    work: Callable[[str, list[Article]], int], articles: list[Article], binary: str | None
) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="cdb") as folder:
        server = redis_server.start(Path(folder), binary=binary, maxmemory_mb=4096)
        try:
            client = redis_server.connect(server.url)
            before = client.info("memory")["used_memory"]
            began = time.perf_counter()
            copies = work(server.url, articles)
            took = time.perf_counter() - began
            held = client.info("memory")["used_memory"] - before
            client.close()
        finally:
            redis_server.stop(server, force=True)
    return {"texts_per_s": len(articles) / took, "bytes_a_text": held / len(articles), "copies_found": copies}


def ours(url: str, articles: list[Article]) -> int:
    index, copies = RedisStories(url, RULES), 0
    for at in range(0, len(articles), BATCH):
        part = articles[at : at + BATCH]
        known = index.known_furniture([paragraph_hashes(article) for article in part])
        prints = [fingerprint(article, furniture, RULES) for article, furniture in zip(part, known, strict=True)]
        verdicts = index.claim(prints)
        new = [(f, v) for f, v in zip(prints, verdicts, strict=True) if v.kind == "new"]
        index.confirm([Settled(f.capture_id, v.story_id, v.fence) for f, v in new])
        copies += len(part) - len(new)
    index.close()
    return copies


def theirs(url: str, articles: list[Article]) -> int:
    from datasketch import MinHash, MinHashLSH

    client = redis_server.connect(url)
    path = client.connection_pool.connection_kwargs["path"]
    client.close()
    storage = {"type": "redis", "basename": b"bench", "redis": {"unix_socket_path": path}}
    lsh, copies = MinHashLSH(threshold=0.5, num_perm=128, storage_config=storage), 0
    for article in articles:
        words = " ".join(article.text).lower().split()
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(words[at : at + 5]).encode() for at in range(len(words) - 4)])
        copies += bool(lsh.query(sketch))
        lsh.insert(article.capture.capture_id, sketch)
    return copies


WAYS = {"copydesk": ours, "datasketch": theirs}

if __name__ == "__main__":
    main()
