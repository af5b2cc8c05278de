"""How well the regions agree with labelled articles: three scores a corpus.

python -m worker.artefacts.build_regions.measure FILE.jsonl.gz …

A row has `id`, `corpus`, `title`, `text`, `gold` (countries) and `primary` (or null). Empty answers are wrong.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from worker.artefacts import read
from worker.models import Article, BodyRef, Capture, Extractor, Origin, RegionVerdict
from worker.rules import RegionRules
from worker.stages.classify.regions import Gazetteer, regions

_GONE = {"SU": "RU", "YU": "RS"}  # states of old corpora, as the gazetteer maps them
_CAPTURE = Capture(capture_id="0" * 64, body=BodyRef(digest="0" * 64, size=0), origin=Origin(location="-"))
_EXTRACTOR = Extractor(name="measure", version="1", path="measure")


class Scores:
    """Counts of one corpus; the three scores in percent."""

    def __init__(self) -> None:
        self.all: Counter[str] = Counter()
        self.about: Counter[str] = Counter()
        self.right = self.judged = self.empty = 0

    def add(self, gold: set[str], primary: str | None, verdict: RegionVerdict) -> None:
        about = {score.code for score in verdict.about}
        for counts, found in ((self.all, about | {score.code for score in verdict.mentioned}), (self.about, about)):
            counts.update(hit=len(found & gold), found=len(found), gold=len(gold))
        if primary is not None:
            self.judged += 1
            self.right += verdict.primary == primary
        self.empty += verdict.primary is None

    def summary(self) -> dict[str, float]:
        """`f1`, `precision` and `recall` of every country found, `about_f1`, `primary`, and `empty` answers."""
        hit, found, gold = (self.all[key] for key in ("hit", "found", "gold"))
        return {
            "f1": _percent(2 * hit, found + gold),
            "precision": _percent(hit, found),
            "recall": _percent(hit, gold),
            "about_f1": _percent(2 * self.about["hit"], self.about["found"] + self.about["gold"]),
            "primary": _percent(self.right, self.judged),
            "empty": self.empty,
        }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def article_of(row: Mapping[str, Any]) -> Article:
    """A labelled row as an article; the language is the end of `corpus` where it names one."""
    return Article(
        capture=_CAPTURE,
        article_id="0" * 64,
        headline=row["title"] or None,
        text=tuple(row["text"].split("\n\n")),
        language=row["corpus"].partition("-")[2] or "en",
        extractor=_EXTRACTOR,
    )


def measure(rows: Iterable[Mapping[str, Any]], gazetteer: Gazetteer) -> dict[str, dict[str, float]]:
    """Corpus → its scores."""
    rules = RegionRules()
    scores: defaultdict[str, Scores] = defaultdict(Scores)
    for row in rows:
        gold = {_GONE.get(code, code) for code in row["gold"]}
        primary = _GONE.get(row["primary"], row["primary"])
        scores[row["corpus"]].add(gold, primary, regions(article_of(row), rules, gazetteer))
    return {corpus: found.summary() for corpus, found in scores.items()}


if __name__ == "__main__":
    shipped = Gazetteer.from_artefact(read("regions"))
    for name in sys.argv[1:]:
        with gzip.open(Path(name), "rt", encoding="utf-8") as lines:
            for corpus, summary in measure(map(json.loads, lines), shipped).items():
                listed = "  ".join(f"{key} {value:5.1f}" for key, value in summary.items())
                sys.stdout.write(f"{corpus:10} {listed}\n")
