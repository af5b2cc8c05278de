"""What `copydesk check` shows of the configuration tells no secret."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from worker.settings import load, packaged_config


def test_what_was_read_from_the_environment_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    shutil.copytree(packaged_config(), config)
    with (config / "sinks.toml").open("a") as sinks:
        sinks.write('[sinks.hook]\nkind = "webhook"\nurl_env = "HOOK_URL"\nauthorization = "Bearer s3cret"\n')
    monkeypatch.setenv("HOOK_URL", "https://hooks.example/services/s3cret")

    settings = load("dev", config=config)

    assert settings.sink("hook").options["url"] == "https://hooks.example/services/s3cret"
    shown = next(sink for sink in settings.masked()["sinks"] if sink["name"] == "hook")
    assert shown == {"name": "hook", "kind": "webhook", "options": {"url": "***", "authorization": "***"}}
