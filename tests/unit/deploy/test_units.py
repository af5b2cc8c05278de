"""deploy/systemd: one unit a role, gentle to stop, sure to come back."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from worker.settings import Settings

ROLES = ("stages", "deliveries", "housekeeping")


def keys_of(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            found.setdefault(key, []).append(value)
    return found


@pytest.fixture(scope="module")
def units(root: Path) -> dict[str, dict[str, list[str]]]:
    return {path.name: keys_of(path) for path in (root / "deploy/systemd").glob("*.service")}


def test_units_start_directly_and_come_back(units: dict[str, dict[str, list[str]]]) -> None:
    assert set(units) == {"copydesk@.service", "copydesk-flower.service", "copydesk-metrics.service"}
    for unit in units.values():
        assert unit["Type"] == ["exec"]
        assert unit["Restart"] == ["always"]
        assert unit["NoNewPrivileges"] == ["yes"]
        assert unit["User"] == ["copydesk"]
        assert "multi" not in unit["ExecStart"][0]


def test_a_stopping_worker_has_time_to_hand_its_batch_back(
    units: dict[str, dict[str, list[str]]], settings: Settings
) -> None:
    worker = units["copydesk@.service"]

    assert "REMAP_SIGTERM=SIGQUIT" in worker["Environment"]
    assert worker["KillMode"] == ["mixed"]
    assert int(worker["TimeoutStopSec"][0]) >= settings.worker.grace_s


def test_the_roles_consume_every_queue_once(root: Path, settings: Settings) -> None:
    roles = {path.stem: keys_of(path) for path in (root / "deploy/systemd").glob("*.env")}
    consumed = [queue for role in roles.values() for queue in role["QUEUES"][0].split(",")]

    assert set(roles) == set(ROLES)
    assert sorted(consumed) == sorted(settings.queues)
    assert [name for name, role in roles.items() if "--beat" in role["OPTIONS"][0]] == ["housekeeping"]


def test_systemd_itself_finds_no_fault(root: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this host")

    said = subprocess.run(
        ["systemd-analyze", "verify", *map(str, (root / "deploy/systemd").glob("*.service"))],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    ).stderr

    faults = [line for line in said.splitlines() if "copydesk" in line and "is not executable" not in line]
    assert faults == []
