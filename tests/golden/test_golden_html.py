"""Pages with their expected articles. `--regold` rewrites the expectations; review the diff.

All pages are invented for these tests. The first line of each says its URL.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from worker import artefacts
from worker.models import Article, BodyRef, Capture, Drop, Origin, RawCapture
from worker.rules import NormalizeRules
from worker.stages.normalize import Models, load_models, normalize

CASES = sorted(Path(__file__).with_name("html").glob("*.html"))
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(artefacts.read)


def as_json(made: Article | Drop) -> dict[str, Any]:
    if isinstance(made, Drop):
        return {"dropped": made.reason}
    left_out = {"capture": True, "article_id": True, "extractor": {"version"}, "quality": {"score"}}
    whole: dict[str, Any] = made.model_dump(mode="json", exclude=left_out, exclude_defaults=True)  # type: ignore[arg-type]
    return whole | {"language_confidence": round(made.language_confidence, 1)}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_page_gives_exactly_its_article(case: Path, models: Models, regold: bool) -> None:
    expected, body = case.with_suffix(".json"), case.read_bytes()
    url = body.split(b"-->")[0].decode().removeprefix("<!--").strip()
    raw = RawCapture(url=url, media_type="text/html", body=body, origin=Origin(location=case.name))
    capture = Capture.of(raw, BodyRef(digest=hashlib.sha256(body).hexdigest(), size=len(body)))

    got = as_json(normalize(capture, body, NormalizeRules(), models, NOW))

    if regold:
        expected.write_text(json.dumps(got, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert got == json.loads(expected.read_text("utf-8"))
