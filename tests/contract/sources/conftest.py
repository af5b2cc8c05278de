"""One small location of each kind of source, made here."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

PARAGRAPH = "The river rose by two metres on Monday and the old bridge was closed to lorries. "
PAGE = f"<!DOCTYPE html><html><head><title>River</title></head><body><p>{PARAGRAPH * 5}</p></body></html>"


@dataclass(frozen=True)
class Sample:
    kind: str
    name: str
    content: bytes
    captures: int


def _records() -> list[dict[str, object]]:
    return [
        {"url": f"https://example.org/{n}", "text": PARAGRAPH * 3, "captured_at": "2026-01-02T03:04:05Z", "id": n}
        for n in range(5)
    ]


SAMPLES = [
    Sample("html", "page.html", PAGE.encode(), 1),
    Sample("text", "story.txt", f"---\nurl: https://example.org/a\n---\nRiver rises\n\n{PARAGRAPH * 3}\n".encode(), 1),
    Sample("jsonl", "items.jsonl", "".join(json.dumps(record) + "\n" for record in _records()).encode(), 5),
]


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample.name)
def sample(request: pytest.FixtureRequest) -> Sample:
    chosen = request.param
    assert isinstance(chosen, Sample)
    return chosen


@pytest.fixture(scope="session")
def samples() -> list[Sample]:
    return SAMPLES
