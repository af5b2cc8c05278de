"""`copydesk try --explain` says of each block or line whether it was kept, and why."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from worker.cli.reading import show_explanation
from worker.models import Drop
from worker.stages.normalize import Explanation
from worker.stages.normalize.explain import BlockVerdict

SAMPLES = Path(__file__).parents[3] / "worker" / "samples" / "captures"
VERDICTS = (
    BlockVerdict("The quay opened on Monday.", True, "score", "paragraph", 0.991),
    BlockVerdict("Subscribe to our newsletter", False, "rule", "furniture", 0.812),
    BlockVerdict("It cost less than planned.", True, "trafilatura", "paragraph", 0.31),
)


@pytest.mark.parametrize("sample", ["01-valparaiso-strike.html", "*.txt"])
def test_in_json_the_kept_blocks_are_the_text_and_each_says_why(sample: str) -> None:
    path = min(SAMPLES.glob(sample))

    ran = subprocess.run(
        [sys.executable, "-m", "worker", "try", "--explain", "--json", str(path)],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True,
    )  # fmt: skip

    record = json.loads(ran.stdout)
    kept = [block["text"] for block in record["explanation"] if block["kept"]]
    paragraphs = record["article"]["text"].split("\n\n")
    assert all(block.endswith(text) for block, text in zip(kept, paragraphs, strict=True))  # a dateline is cut off
    assert any(not block["kept"] for block in record["explanation"])
    assert all(
        block["why"] and (block["score"] is not None or block["why"] != "score") for block in record["explanation"]
    )


def test_on_a_terminal_kept_and_cut_lines_differ_in_sign_and_colour_and_say_why() -> None:
    seen = io.StringIO()

    show_explanation(Console(file=seen, force_terminal=True, width=100), Explanation(Drop.model_construct(), VERDICTS))

    kept, cut, by_library = seen.getvalue().splitlines()
    assert [line.count("\x1b[") > 0 for line in (kept, cut)] == [True, True]
    assert kept.split("The quay")[0] != cut.split("Subscribe")[0]
    assert "furniture" in cut
    assert "trafilatura" in by_library
    assert "0.99" in kept
