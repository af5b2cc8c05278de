"""Bodies and metadata of HTML pages, and how few are lost. The body model was trained on no domain of the developer
pages; the pages of article-extraction-dataset it was trained on, so of these only the metadata are scored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
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


Labelled = Callable[[str], list[dict[str, Any]]]
Floors = dict[str, dict[str, float]]


def test_body_and_metadata_of_pages(labelled: Labelled, floors: Floors) -> None:
    rows = labelled("extraction/pages.jsonl.gz")

    made = articles_of(rows)

    precisions, recalls = [], []
    for row, article in zip(rows, made, strict=True):
        got, gold = shingles("\n".join(article.text) if article else ""), shingles(row["body"])
        common = (got & gold).total()
        if got:
            precisions.append(common / got.total())
        recalls.append(common / gold.total() if gold else 1.0)
    precision, recall, lost = mean(precisions), mean(recalls), made.count(None)
    f1 = 2 * precision * recall / (precision + recall)
    print(f"f1 {f1:.4f} precision {precision:.4f} recall {recall:.4f} lost {lost} of {len(rows)}")
    assert f1 >= floors["normalize_html"]["f1"]
    assert lost / len(rows) <= floors["normalize_html"]["lost_at_most"]
    hold(floors["normalize_html"], rows, made)


def test_metadata_of_the_pages_of_article_extraction_dataset(labelled: Labelled, floors: Floors) -> None:
    rows = [row for row in labelled("extraction/train_pages.jsonl.gz") if row["source"] == "article-extraction-dataset"]

    hold(floors["normalize_html_aed"], [row | {"published": row["date"]} for row in rows], articles_of(rows))


def articles_of(rows: list[dict[str, Any]]) -> list[Article | None]:
    models, now = load_models(artefacts.read), datetime(2026, 6, 1, tzinfo=UTC)
    articles: list[Article | None] = []
    for row in rows:
        body = row["html"].encode("utf-8", "replace")
        raw = RawCapture(url=row["url"] or None, media_type="text/html", body=body, origin=Origin(location=row["id"]))
        ref = BodyRef(digest=hashlib.sha256(body).hexdigest(), size=len(body))
        made = normalize(Capture.of(raw, ref), body, NormalizeRules(), models, now)
        articles.append(made if isinstance(made, Article) else None)
    return articles


def hold(floor: dict[str, float], rows: list[dict[str, Any]], made: list[Article | None]) -> None:
    titles, days, undated, names = [], [], [], []
    for row, article in zip(rows, made, strict=True):
        if row["title"]:
            titles.append(letters((article and article.headline) or "") == letters(row["title"]))
        day = article.published_at.date().isoformat() if article and article.published_at else None
        if row["published"]:
            days.append(day == row["published"][:10])
        else:
            undated.append(day is not None)
        if row.get("author") and article:
            names.append({letters(name) for name in article.authors} == set(map(letters, AND.split(row["author"]))))
    title, date, author, invented = map(mean, (titles, days, names, undated))
    print(f"title {title:.4f} date {date:.4f} authors {author:.4f} undated pages given a date {invented:.4f}")
    assert title >= floor["title"]
    assert date >= floor["date"]
    assert author >= floor["authors"]
    assert invented <= floor.get("undated_dated_at_most", 0.0)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
