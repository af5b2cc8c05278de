"""Fingerprints a second of a core, beside what plain Python takes for the same texts, in turn in one run.

    python tests/bench/fingerprint_speed.py         # 256 texts of 400 words, 20 rounds: a few seconds
    python tests/bench/fingerprint_speed.py --texts stream.jsonl.gz     # texts of a file (key `text`), cut to 400 words

Ours is the stage's whole work on batches of 64: the paragraphs to ask the index about, then fingerprints. Beside it stand a bare
tokenise (`re.findall` of words in lower case), and naive sketches: tokenise, then hash each run of five words, with Python's
`hash` (which no other process shares) and with blake2b. CPU time; the least of the rounds, which a busy machine disturbs least.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from datasketch_lsh import made

from worker.models import Article, BodyRef, Capture, Extractor, Origin, digest_of
from worker.rules import DedupRules
from worker.stages.deduplicate import fingerprints, paragraph_hashes
from worker.stages.deduplicate.fingerprint import _text

BATCH, WORDS, RUN = 64, 400, 5
RULES = DedupRules()
WORD = re.compile(r"\w+")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, help="JSON lines, gzipped; without it texts are made of drawn words")
    parser.add_argument("--rounds", type=int, default=20)
    wanted = parser.parse_args()
    articles = cut_texts(wanted.texts) if wanted.texts else made(256, seed=1)
    costs: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(wanted.rounds):
        for name, work in WAYS.items():
            began = time.process_time()
            for at in range(0, len(articles), BATCH):
                work(articles[at : at + BATCH])
            costs[name].append((time.process_time() - began) / len(articles))
    least = {name: min(those) for name, those in costs.items()}
    told: dict[str, Any] = {
        "texts": len(articles),
        "rounds": wanted.rounds,
        "ten_million_additions_s": round(_yard(), 3),
    }
    told["us_a_text"] = {name: round(cost * 1e6, 1) for name, cost in least.items()}
    told["texts_a_cpu_second"] = round(1 / least["fingerprints"])
    told["of_the_time_of"] = {name: round(least["fingerprints"] / cost, 2) for name, cost in least.items()}
    print(json.dumps(told, indent=2))


def ours(articles: Sequence[Article]) -> None:
    _text.cache_clear()  # what the last round left
    known = [() for article in articles if paragraph_hashes(article)]
    fingerprints(articles, known, RULES)


def tokenise(article: Article) -> list[str]:
    return WORD.findall("\n".join(article.text).lower())


def runs(article: Article) -> list[tuple[str, ...]]:
    words = tokenise(article)
    return list(zip(*[words[at:] for at in range(RUN)], strict=False))


def of_each(take: Callable[[Article], Any]) -> Callable[[Sequence[Article]], None]:
    def work(articles: Sequence[Article]) -> None:
        for article in articles:
            take(article)

    return work


WAYS: dict[str, Callable[[Sequence[Article]], None]] = {
    "fingerprints": ours,
    "tokenise": of_each(tokenise),
    "tokenise and hash()": of_each(lambda article: {hash(run) for run in runs(article)}),
    "tokenise and blake2b": of_each(
        lambda article: {blake2b(" ".join(run).encode(), digest_size=8).digest() for run in runs(article)}
    ),
}


def cut_texts(path: Path) -> list[Article]:
    """Texts of at least 400 words of a file, cut there, in their paragraphs."""
    with gzip.open(path, "rt") as lines:
        texts = [paragraphs for line in lines if (paragraphs := _cut(json.loads(line)["text"]))]
    return [_article(number, text) for number, text in enumerate(texts)]


def _cut(text: str) -> tuple[str, ...]:
    kept, left = [], WORDS
    for paragraph in text.split("\n\n"):
        words = paragraph.split(" ")
        kept.append(" ".join(words[:left]))
        left -= len(words)
        if left <= 0:
            return tuple(kept)
    return ()


def _article(number: int, text: tuple[str, ...]) -> Article:
    url, identity = f"https://site{number % 20}.example/{number}", digest_of(number)
    capture = Capture(
        capture_id=identity, body=BodyRef(digest="0" * 64, size=1), origin=Origin(location="bench"), url=url
    )
    extractor = Extractor(name="bench", version="1", path="bench")
    return Article(capture=capture, article_id=identity, text=text, url=url, extractor=extractor)


def _yard() -> float:
    began = time.process_time()
    total = 0
    for one in range(10_000_000):
        total += one
    return time.process_time() - began


if __name__ == "__main__":
    main()
