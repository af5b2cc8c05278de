"""The house stands: contracts kept, config complete, help with examples."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from worker.settings import Settings, packaged_config

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {
    "profile",
    "config_dir",
    "remap_sigterm",
    "regions",
    "topics",
    "routes",
    "sinks",
    "sources",
}  # files of their own, or no key


def test_the_import_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([program, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_every_key_stands_in_settings_toml_with_its_default_and_no_other() -> None:
    written = tomllib.loads((packaged_config() / "settings.toml").read_text())
    defaults = dict(keys_of(Settings))

    assert dict(flat(written)) == defaults


def test_every_key_says_why() -> None:
    for line in (packaged_config() / "settings.toml").read_text().splitlines():
        if re.match(r"\w+ =", line):
            assert re.search(r"\s# .{8}", line), line


def flat(table: dict[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{under}{key}.")
        else:
            yield f"{under}{key}", value


def keys_of(model: type[BaseModel], under: str = "") -> Iterator[tuple[str, Any]]:
    """Every key with its default, as TOML would hold it."""
    for name, field in model.model_fields.items():
        if not under and name in ELSEWHERE:
            continue
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from keys_of(type(default), f"{under}{name}.")
        elif isinstance(default, Path):
            yield f"{under}{name}", str(default)
        else:
            yield f"{under}{name}", listed(default)


def listed(value: Any) -> Any:
    return [listed(part) for part in value] if isinstance(value, tuple) else value
