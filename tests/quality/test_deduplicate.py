"""How well copies are found in the labelled stream, with furniture learned on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from worker.models import Article, BodyRef, Capture, Extractor, Origin, digest_of
from worker.rules import DedupRules
from worker.stages.deduplicate import fingerprint, paragraph_hashes
from worker.state.stories import Settled, open_stories

pytestmark = pytest.mark.quality
STREAM = "dedup/synthetic.jsonl.gz"
DUPLICATES = {"recapture", "exact_copy", "near_copy", "excerpt", "update", "supersedes", "contained"}


def _article(number: int, row: dict[str, Any]) -> Article:
    url = f"https://{row['site']}/{number}"
    capture = Capture(
        capture_id=digest_of(number), body=BodyRef(digest="0" * 64, size=1), origin=Origin(location=STREAM), url=url
    )
    return Article(
        capture=capture,
        article_id=digest_of(number),
        text=tuple(row["text"].split("\n\n")),
        url=url,
        extractor=Extractor(name="test", version="1", path="test"),
    )


def test_copies_are_found_and_templates_are_not_merged(
    labelled: Callable[[str], list[dict[str, Any]]], floors: dict[str, dict[str, float]]
) -> None:
    rows = labelled(STREAM)
    index = open_stories("memory://", DedupRules())
    label: dict[str | None, str] = {}
    seen: set[str] = set()
    said: Counter[str] = Counter()
    false_templates = 0

    for number, row in enumerate(rows):
        article = _article(number, row)
        known = index.known_furniture([paragraph_hashes(article)])[0]
        verdict = index.claim([fingerprint(article, known, DedupRules())])[0]
        index.confirm([Settled(article.capture.capture_id, verdict.story_id, verdict.fence)])
        label[article.capture.capture_id] = row["c"]
        positive = row["c"] in seen
        seen.add(row["c"])
        said["positive"] += positive
        if verdict.kind in DUPLICATES:
            said["duplicate"] += 1
            said["right"] += positive and label[verdict.of] == row["c"]
            false_templates += not positive and row["ty"].startswith("neg_")
    precision, recall = said["right"] / said["duplicate"], said["right"] / said["positive"]
    f1 = 2 * precision * recall / (precision + recall)
    print(f"P {precision:.4f} R {recall:.4f} F1 {f1:.4f} false templates {false_templates}")

    least = floors["deduplicate"]
    assert precision >= least["precision"]
    assert recall >= least["recall"]
    assert f1 >= least["f1"]
    assert false_templates <= least["false_templates"]
