"""Sentences written for copydesk with every country they speak of: the ambiguous by name, hard negatives by language."""

from __future__ import annotations

import json
from pathlib import Path

from worker.artefacts import read
from worker.models import Article, BodyRef, Capture, Extractor, Origin
from worker.rules import RegionRules
from worker.stages.classify.regions import Gazetteer, regions

LEAST = 0.95  # of all sentences; what is wrong is listed when fewer are right


def test_nineteen_of_twenty_sentences_name_just_their_countries() -> None:
    gazetteer = Gazetteer.from_artefact(read("regions"))
    capture = Capture(capture_id="0" * 64, body=BodyRef(digest="0" * 64, size=0), origin=Origin(location="-"))
    extractor = Extractor(name="test", version="1", path="test")
    files = sorted(Path(__file__).parent.glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    wrong = []

    for row in rows:
        story = Article(
            capture=capture,
            article_id="0" * 64,
            text=(row["text"],),
            language=row["language"],
            extractor=extractor,
        )
        verdict = regions(story, RegionRules(), gazetteer)
        found = {s.code for s in (*verdict.about, *verdict.mentioned)}
        if found != set(row["found"]):
            wrong.append(f"{row['language']}: {row['text']} expected {row['found']}, found {sorted(found)}")

    assert len(rows) >= 200
    assert len(wrong) <= (1 - LEAST) * len(rows), "\n".join(wrong)
