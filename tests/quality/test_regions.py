"""Regions against labelled articles: three scores a corpus, none below its floor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.artefacts import read
from worker.artefacts.build_regions.measure import measure
from worker.stages.classify.regions import Gazetteer


@pytest.mark.quality
@pytest.mark.parametrize("name", ["reuters_train", "lgl", "geowebnews", "slavic_half"])
def test_no_score_falls_below_its_floor(
    name: str, labelled: Callable[[str], list[dict[str, Any]]], floors: dict[str, dict[str, float]]
) -> None:
    rows = labelled(f"region/{name}.jsonl.gz")

    scores = measure(rows, Gazetteer.from_artefact(read("regions")))

    for corpus, found in scores.items():
        for score in ("f1", "about_f1", "primary"):
            assert found[score] >= floors["regions"][f"{corpus}.{score}"], (corpus, score, found)
