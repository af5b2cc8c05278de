"""The bundled captures and what is said about them belong together."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from worker.models import DropReason, DuplicateKind

SAMPLES = Path(str(files("worker"))) / "samples"
CAPTURES = SAMPLES / "captures"
TOP_TOPICS = {f"medtop:{number:02d}000000" for number in range(1, 18)}


@pytest.fixture(scope="module")
def expected() -> list[dict[str, Any]]:
    return list(tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))["capture"])


def test_every_capture_is_named_and_every_name_is_a_capture(expected: list[dict[str, Any]]) -> None:
    there = {(path.name, None) for path in CAPTURES.iterdir() if path.suffix != ".jsonl"}
    there |= {
        (path.name, record)
        for path in CAPTURES.glob("*.jsonl")
        for record in range(1, len(path.read_bytes().splitlines()) + 1)
    }

    named = [(one["file"], one.get("record")) for one in expected]

    assert len(named) == len(set(named))
    assert set(named) == there


def test_expected_order_is_the_order_of_the_stream(expected: list[dict[str, Any]]) -> None:
    names = [(one["file"], one.get("record", 0)) for one in expected]

    assert names == sorted(names)


def test_expectations_use_the_words_of_the_house(expected: list[dict[str, Any]]) -> None:
    reasons = {*DropReason.__args__, "invalid_json"}  # type: ignore[attr-defined]
    kinds = set(DuplicateKind.__args__)  # type: ignore[attr-defined]

    for one in expected:
        assert one["outcome"] in {"article", "dropped", "quarantined"}
        if one["outcome"] == "article":
            assert one["kind"] in kinds
            assert one["headline"]
            assert one.get("topic", "medtop:01000000") in TOP_TOPICS
        else:
            assert one["reason"] in reasons


def test_a_duplicate_names_an_earlier_capture_of_its_story(expected: list[dict[str, Any]]) -> None:
    seen: dict[str, str] = {}
    for one in expected:
        name = one["file"] + (f":{one['record']}" if "record" in one else "")
        if one.get("kind", "new") != "new":
            assert seen[one["of"]] == one["story"]
        seen[name] = one.get("story", name)


def test_a_family_lies_within_one_batch_of_32(expected: list[dict[str, Any]]) -> None:
    batches: dict[str, set[int]] = {}
    for place, one in enumerate(expected):
        if "story" in one:
            batches.setdefault(one["story"], set()).add(place // 32)

    assert all(len(found) == 1 for found in batches.values())


def test_the_samples_are_as_varied_as_the_worker_promises(expected: list[dict[str, Any]]) -> None:
    articles = [one for one in expected if one["outcome"] == "article"]

    assert len(expected) >= 32
    assert {Path(one["file"]).suffix for one in expected} == {".html", ".txt", ".jsonl"}
    assert {"new", "exact_copy", "recapture", "near_copy", "excerpt", "supersedes", "update"} <= {
        one["kind"] for one in articles
    }
    assert len({one["language"] for one in articles}) >= 4
    assert {one["outcome"] for one in expected} == {"article", "dropped", "quarantined"}


def test_every_host_is_one_that_nobody_can_own() -> None:
    for path in CAPTURES.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                url = json.loads(line)["url"]
            except json.JSONDecodeError:
                continue
            assert url.split("/")[2].endswith(".example")
