"""deploy/flowerconfig.py: options that Flower knows, with a log-in, or no Flower at all."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest


def read(root: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    pytest.importorskip("flower", reason="the extra `monitor` is not installed")
    monkeypatch.setenv("FLOWER_AUTH_FILE", str(secret))
    values = runpy.run_path(str(root / "deploy/flowerconfig.py"))
    return {name: value for name, value in values.items() if name[0] != "_" and type(value) in (str, int, bool, list)}


def test_every_option_is_one_of_flowers(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("flower", reason="the extra `monitor` is not installed")
    from flower.options import options

    secret = tmp_path / "auth"
    secret.write_text("desk:not-a-real-one\nnight:another\n", encoding="utf-8")

    values = read(root, secret, monkeypatch)

    assert values["basic_auth"] == ["desk:not-a-real-one", "night:another"]
    assert values["read_only"] is True
    for name, value in values.items():
        option = options._options[name.replace("_", "-")]
        assert all(isinstance(one, option.type) for one in (value if option.multiple else [value])), name


def test_a_cookie_lasts_over_a_restart_and_not_over_a_new_password(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "auth"
    secret.write_text("desk:one", encoding="utf-8")
    first = read(root, secret, monkeypatch)["cookie_secret"]

    again = read(root, secret, monkeypatch)["cookie_secret"]
    secret.write_text("desk:two", encoding="utf-8")
    changed = read(root, secret, monkeypatch)["cookie_secret"]

    assert first == again
    assert changed != first


def test_without_a_password_flower_does_not_start(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "auth"
    secret.write_text("\n", encoding="utf-8")

    with pytest.raises(SystemExit, match="name:password"):
        read(root, secret, monkeypatch)
