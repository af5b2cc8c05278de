"""The example of docs/scale.md: the pipeline mapped over partitions by something that is not Celery."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from worker.cli.embedded import broker
from worker.pipeline import Pipeline, whole_way
from worker.settings import load

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "backfill.py"
CAPTURES = ROOT / "worker" / "samples" / "captures"


def headline(record: dict[str, Any]) -> str:
    return str(record["article"]["headline"])


def run(out: Path, *more: str) -> list[dict[str, Any]]:
    """The records of a backfill of two partitions: the samples, and the samples once more."""
    command = [sys.executable, str(EXAMPLE), str(out), *more, "--processes", "2"]
    subprocess.run(command, check=True, cwd=out.parent, capture_output=True, timeout=120)
    return [json.loads(line) for path in sorted(out.glob("*.jsonl")) for line in path.open()]


@pytest.fixture
def partitions(tmp_path: Path) -> list[str]:
    """Two files of JSON lines with the same captures, from two crawls."""
    paths = []
    for day, crawl in enumerate(("first", "second"), 1):
        path = tmp_path / f"{crawl}.jsonl"
        with path.open("w") as out:
            for page in sorted(CAPTURES.glob("*.html")):
                html = page.read_text(errors="replace")
                story = {"url": f"https://sample.example/{page.stem}", "html": html, "captured_at": f"2026-03-0{day}"}
                out.write(json.dumps(story) + "\n")
        paths.append(str(path))
    return paths


@pytest.mark.integration
def test_partitions_on_their_own_give_what_one_process_gives(tmp_path: Path, partitions: list[str]) -> None:
    from worker.intake import read

    settings = load("fused")
    alone = [r for r in whole_way(Pipeline.in_memory(settings), read(partitions[:1])) if r.clean and r.deliveries]  # type: ignore[arg-type]

    records = run(tmp_path / "out", *partitions)

    assert len(alone) > 3
    assert len(records) == 2 * len(alone)
    assert sorted(headline(r) for r in records) == sorted(2 * [str(r.clean.article.headline) for r in alone if r.clean])


@pytest.mark.integration
def test_partitions_with_one_index_store_each_article_once_and_repeat_their_verdicts(
    tmp_path: Path, partitions: list[str]
) -> None:
    settings = load("fused", overrides={"data_dir": str(tmp_path / "data")})

    with broker(settings, keep=False) as running:
        shared = run(tmp_path / "shared", *partitions, "--stories", running.broker.url)
        again = run(tmp_path / "again", *partitions, "--stories", running.broker.url)

    ids = [str(record["article_id"]) for record in shared]
    assert len(ids) == len(set(ids)) > 3
    assert sorted(ids) == sorted(str(record["article_id"]) for record in again)
