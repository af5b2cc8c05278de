"""Body and metadata of labelled pages beside trafilatura, taken in turn page by page; and texts of 3 kB.

    COPYDESK_DATA=… python tests/bench/extraction.py            # 60 pages, 3 rounds
    COPYDESK_DATA=… python tests/bench/extraction.py --score    # F1 of all pages, and a paired bootstrap of the difference

CPU seconds of one process on one core. On a busy host only the ratios within a round mean something: each page is read
by all four before the next. trafilatura forgets what it remembers of texts between the rounds.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import trafilatura
from material import text_captures
from measuring import yardstick
from selectolax.lexbor import LexborHTMLParser
from trafilatura.meta import reset_caches

from worker import artefacts
from worker.artefacts.build_line_pages import shingles
from worker.models import Article, BodyRef, Capture, Origin, RawCapture
from worker.rules import NormalizeRules
from worker.stages.normalize import load_models, normalize, normalize_many
from worker.stages.normalize.body import read_body
from worker.stages.normalize.roles import Known

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MODELS, RULES = load_models(artefacts.read), NormalizeRules()
BATCH = 32
DRAWS = 2_000


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    asked.add_argument("--pages", type=int, default=60)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--score", action="store_true")
    args = asked.parse_args()
    path = Path(os.environ.get("COPYDESK_DATA", "")) / "extraction" / "pages.jsonl.gz"
    if not path.exists():
        sys.exit(f"{path} is absent: set COPYDESK_DATA to the folder of the labelled data")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if args.score:
        score(rows)
    else:
        speed(random.Random(7).sample(rows, args.pages), args.rounds)


def speed(rows: list[dict[str, Any]], rounds: int) -> None:
    captures = [capture(row["html"].encode("utf-8", "replace"), row["url"], "text/html") for row in rows]
    pages = [row["html"] for row in rows]
    texts = [capture(raw.body, raw.url, "text/plain") for raw in text_captures(len(rows) * 5)]
    works: dict[str, Callable[[int], object]] = {
        "body": lambda at: read_body(LexborHTMLParser(pages[at]), pages[at], Known(), MODELS.body),
        "body, trafilatura": lambda at: trafilatura.extract(pages[at], include_comments=False),
        "all": lambda at: normalize(*captures[at], RULES, MODELS, NOW),
        "all, trafilatura": lambda at: trafilatura.extract(
            pages[at], include_comments=False, with_metadata=True, output_format="json"
        ),
    }
    for work in works.values():
        work(0)
    for _ in range(rounds):
        reset_caches()
        spent = dict.fromkeys(works, 0.0)
        for at in range(len(rows)):
            for name, work in works.items():
                begun = time.process_time()
                work(at)
                spent[name] += time.process_time() - begun
        begun = time.process_time()
        for at in range(0, len(texts), BATCH):
            for outcome in normalize_many(texts[at : at + BATCH], RULES, MODELS, NOW):
                outcome()
        told: dict[str, float] = {f"{name}_ms": seconds / len(rows) * 1000 for name, seconds in spent.items()}
        told |= {
            "body_times": spent["body, trafilatura"] / spent["body"],
            "all_times": spent["all, trafilatura"] / spent["all"],
            "text_ms": (time.process_time() - begun) / len(texts) * 1000,
            "yardstick_s": yardstick(),
        }
        print(json.dumps({name: round(value, 3) for name, value in told.items()}), flush=True)


def score(rows: list[dict[str, Any]]) -> None:
    ours, theirs = [], []
    for row in rows:
        made = normalize(*capture(row["html"].encode("utf-8", "replace"), row["url"], "text/html"), RULES, MODELS, NOW)
        ours.append(agreement("\n".join(made.text) if isinstance(made, Article) else "", row["body"]))
        theirs.append(agreement(trafilatura.extract(row["html"], include_comments=False) or "", row["body"]))
    mine, other = np.array(ours), np.array(theirs)
    picks = np.random.default_rng(1).integers(0, len(rows), (DRAWS, len(rows)))
    gains = np.array([f1(mine[pick]) - f1(other[pick]) for pick in picks])
    told = {
        "f1": f1(mine),
        "trafilatura": f1(other),
        "gain": gains.mean(),
        "sd": gains.std(),
        "won": (gains > 0).mean(),
    }
    print(json.dumps({name: round(float(value), 4) for name, value in told.items()}))


def agreement(text: str, gold: str) -> tuple[float, float]:
    """Precision (not a number for an empty text) and recall of 4-grams."""
    got, labelled = shingles(text), shingles(gold)
    common = (got & labelled).total()
    return common / got.total() if got else float("nan"), common / labelled.total() if labelled else 1.0


def f1(pairs: Any) -> float:
    precision, recall = np.nanmean(pairs[:, 0]), pairs[:, 1].mean()
    return float(2 * precision * recall / (precision + recall))


def capture(body: bytes, url: str | None, media_type: str) -> tuple[Capture, bytes]:
    raw = RawCapture(url=url or None, media_type=media_type, body=body, origin=Origin(location="bench"))
    return Capture.of(raw, BodyRef(digest=hashlib.sha256(body).hexdigest(), size=len(body))), body


if __name__ == "__main__":
    main()
