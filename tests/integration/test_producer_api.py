"""The Python API as `docs/producer.md` shows it, in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DOC = (Path(__file__).resolve().parents[2] / "docs" / "producer.md").read_text()
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", DOC, re.S)


@pytest.mark.integration
def test_the_example_of_the_documentation_runs(desk: Any) -> None:
    pages = desk.folder / "captures"
    pages.mkdir()
    desk.write_stories(3).rename(pages / "stories.jsonl")
    (desk.folder / "my-desk").symlink_to(desk.settings.config_dir)

    done = subprocess.run(
        [sys.executable, "-c", EXAMPLE],
        env=desk.environment(),
        cwd=desk.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["4", "4", "0", "0"]
    assert desk.counts().states == {"accepted": 4}


def test_importing_the_producer_loads_no_library_of_the_stages() -> None:
    heavy = ["lxml", "numpy", "trafilatura", "selectolax", "pycld2", "ahocorasick_rs", "worker.stages", "worker.tasks"]
    program = f"import sys, worker.producer; print([name for name in {heavy} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "[]"
