"""The examples of the documentation are taken as they stand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from worker.plugins import SINKS, check_sink, known

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = [DOCS / "sinks.md", *sorted((DOCS / "sinks").glob("*.md"))]
FROM_THE_ENVIRONMENT = {
    "COPYDESK_POSTGRES_URL": "postgresql://desk@db.example/news",
    "COPYDESK_STREAM_URL": "redis://redis.example:6379/1",
    "COPYDESK_HOOK_URL": "https://hooks.example/desk",
    "COPYDESK_HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


def examples() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for page in PAGES:
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL):
            for name, entry in tomllib.loads(block).get("sinks", {}).items():
                found.append((f"{page.name}:{name}", entry))
    return found


@pytest.mark.parametrize(("where", "entry"), examples(), ids=lambda value: value if isinstance(value, str) else "")
def test_an_example_is_a_valid_sink(where: str, entry: dict[str, Any]) -> None:
    options = {
        key.removesuffix("_env"): FROM_THE_ENVIRONMENT.get(value, "from the environment")
        if key.endswith("_env")
        else value
        for key, value in entry.items()
        if key != "kind"
    }

    check_sink(where, entry["kind"], options)


def test_every_kind_has_an_example() -> None:
    assert {entry["kind"] for _, entry in examples()} == set(known(SINKS))
