"""4-gram F1 of bodies from HTML pages no domain of which the body model was trained on, and how few are lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from worker import artefacts
from worker.artefacts.build_line_pages import shingles
from worker.models import Article, BodyRef, Capture, Origin, RawCapture
from worker.rules import NormalizeRules
from worker.stages.normalize import load_models, normalize

AND = re.compile(r"\s*(?:,|;|&|\band\b)\s*")  # between the names of labelled authors

pytestmark = pytest.mark.quality


def test_body_and_metadata_of_pages(
    labelled: Callable[[str], list[dict[str, Any]]], floors: dict[str, dict[str, float]]
) -> None:
    rows = labelled("extraction/pages.jsonl.gz")
    models, now = load_models(artefacts.read), datetime(2026, 6, 1, tzinfo=UTC)

    precisions, recalls, titles, days, undated, names, lost = [], [], [], [], [], [], 0
    for row in rows:
        body = row["html"].encode("utf-8", "replace")
        raw = RawCapture(url=row["url"] or None, media_type="text/html", body=body, origin=Origin(location=row["id"]))
        ref = BodyRef(digest=hashlib.sha256(body).hexdigest(), size=len(body))
        made = normalize(Capture.of(raw, ref), body, NormalizeRules(), models, now)
        text, headline = ("\n".join(made.text), made.headline) if isinstance(made, Article) else ("", None)
        lost += not isinstance(made, Article)
        got, gold = shingles(text), shingles(row["body"])
        common = (got & gold).total()
        if got:
            precisions.append(common / got.total())
        recalls.append(common / gold.total() if gold else 1.0)
        if row["title"]:
            titles.append(letters(headline or "") == letters(row["title"]))
        day = made.published_at.date().isoformat() if isinstance(made, Article) and made.published_at else None
        if row["published"]:
            days.append(day == row["published"][:10])
        else:
            undated.append(day is not None)
        if row["author"] and isinstance(made, Article):
            names.append({letters(name) for name in made.authors} == set(map(letters, AND.split(row["author"]))))

    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    f1, title = 2 * precision * recall / (precision + recall), sum(titles) / len(titles)
    print(f"f1 {f1:.4f} precision {precision:.4f} recall {recall:.4f} title {title:.4f} lost {lost} of {len(rows)}")
    date, author, invented = (sum(found) / len(found) for found in (days, names, undated))
    print(f"date {date:.4f} authors {author:.4f} undated pages given a date {invented:.4f}")
    assert f1 >= floors["normalize_html"]["f1"]
    assert title >= floors["normalize_html"]["title"]
    assert date >= floors["normalize_html"]["date"]
    assert author >= floors["normalize_html"]["authors"]
    assert invented <= floors["normalize_html"]["undated_dated_at_most"]
    assert lost / len(rows) <= floors["normalize_html"]["lost_at_most"]


def letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
