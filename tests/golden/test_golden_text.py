"""Plain-text captures with their expected articles. `--regold` rewrites the expectations; review the diff.

All captures but `venezuela-nyt-excerpt` (a quoted sample) are invented for these tests.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from worker import artefacts
from worker.stages.normalize.text import LineModel, TextBody, normalize_text

CASES = sorted(Path(__file__).with_name("text").glob("*.txt"))


@pytest.fixture(scope="module")
def model() -> LineModel:
    artefact = artefacts.read("lines")
    return LineModel.from_arrays(artefact.arrays, artefact.meta)


def as_json(body: TextBody) -> dict[str, Any]:
    fields = {field.name: getattr(body, field.name) for field in dataclasses.fields(body)}
    for name in ("verdicts", "whole", "confidence"):
        del fields[name]
    for name in ("published", "modified"):
        fields[name] = fields[name] and fields[name].at.isoformat()
    for name in ("lead_image", "original_publisher"):
        fields[name] = fields[name] and fields[name].model_dump(mode="json")
    return json.loads(json.dumps(fields))  # type: ignore[no-any-return]


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_capture_gives_exactly_its_article(case: Path, model: LineModel, regold: bool) -> None:
    expected = case.with_suffix(".json")

    got = as_json(normalize_text(case.read_text("utf-8"), title=None, model=model))

    if regold:
        expected.write_text(json.dumps(got, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert got == json.loads(expected.read_text("utf-8"))
