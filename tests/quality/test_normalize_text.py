"""4-gram F1 of bodies from plain-text captures no domain of which the line model was trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from worker import artefacts
from worker.artefacts.build_line_pages import shingles
from worker.stages.normalize.text import LineModel, normalize_text

pytestmark = pytest.mark.quality


def test_body_of_flattened_pages(
    labelled: Callable[[str], list[dict[str, Any]]], floors: dict[str, dict[str, float]]
) -> None:
    rows = labelled("extraction/text_captures.jsonl.gz")
    artefact = artefacts.read("lines")
    model = LineModel.from_arrays(artefact.arrays, artefact.meta)

    precisions, recalls = [], []
    for row in rows:
        got: Counter[tuple[str, ...]] = shingles(
            "\n".join(normalize_text(row["text"], title=None, model=model).paragraphs)
        )
        gold = shingles(row["body"])
        common = (got & gold).total()
        if got:
            precisions.append(common / got.total())
        recalls.append(common / gold.total() if gold else 1.0)

    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    assert 2 * precision * recall / (precision + recall) >= floors["normalize_text"]["f1"]
    assert recall >= floors["normalize_text"]["recall"]
