"""What `copydesk check` shows of the configuration tells no secret."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from worker.errors import ConfigError
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


def test_a_secret_may_lie_in_a_file_whose_name_is_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, secret = tmp_path / "config", tmp_path / "broker"
    shutil.copytree(packaged_config(), config)
    with (config / "sinks.toml").open("a") as sinks:
        sinks.write('[sinks.hook]\nkind = "webhook"\nurl_env = "HOOK_URL"\nauthorization = "Bearer x"\n')
    secret.write_text("redis://:s3cret@redis/0\n")
    (tmp_path / "hook").write_text("https://hooks.example/s3cret")
    monkeypatch.setenv("COPYDESK_BROKER__URL_FILE", str(secret))
    monkeypatch.setenv("HOOK_URL_FILE", str(tmp_path / "hook"))

    settings = load("dev", config=config)

    assert settings.broker.url == "redis://:s3cret@redis/0"
    assert settings.sink("hook").options["url"] == "https://hooks.example/s3cret"
    assert "s3cret" not in str(settings.masked())


def test_a_secret_told_twice_or_not_readable_is_an_error_that_does_not_tell_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPYDESK_BROKER__URL", "redis://:s3cret@redis/0")
    monkeypatch.setenv("COPYDESK_BROKER__URL_FILE", str(tmp_path / "gone"))

    with pytest.raises(ConfigError, match="both set; keep one") as twice:
        load("dev")
    monkeypatch.delenv("COPYDESK_BROKER__URL")
    with pytest.raises(
        ConfigError, match=r"COPYDESK_BROKER__URL_FILE names .*gone, which cannot be read: No such file"
    ):
        load("dev")

    assert "s3cret" not in str(twice.value)
