"""docker-compose.yml: valid by the published schema, and true to the rules of `worker.app`. No engine needed."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from worker.settings import Settings

WORKERS = ("stages", "deliveries", "housekeeping")


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((root / "docker-compose.yml").read_text(encoding="utf-8")))


def test_it_is_valid_by_the_compose_specification(compose: dict[str, Any]) -> None:
    pytest.importorskip("check_jsonschema", reason="the package that carries the Compose schema is not installed")
    schema = json.loads(
        files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text(encoding="utf-8")
    )

    jsonschema.validate(compose, schema)


def test_plain_up_starts_broker_index_and_every_role_and_nothing_else(compose: dict[str, Any]) -> None:
    started = {name for name, service in compose["services"].items() if "profiles" not in service}

    assert started == {"redis", "stories", *WORKERS}


def test_the_workers_consume_every_queue_once(compose: dict[str, Any], settings: Settings) -> None:
    consumed: list[str] = []
    for name in WORKERS:
        command = compose["services"][name]["command"]
        consumed += command[command.index("-Q") + 1].split(",")

    assert sorted(consumed) == sorted(settings.queues)


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_stops_gently_comes_back_and_holds_no_privilege(
    compose: dict[str, Any], settings: Settings, name: str
) -> None:
    service = compose["services"][name]

    assert service["environment"]["REMAP_SIGTERM"] == "SIGQUIT"
    assert int(service["stop_grace_period"].removesuffix("s")) >= settings.worker.grace_s
    assert service["restart"] == "always"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert isinstance(service["command"], list)


def test_redis_keeps_what_it_accepted(root: Path, compose: dict[str, Any]) -> None:
    rules = dict(
        line.split(maxsplit=1)
        for line in (root / "deploy/redis.conf").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )

    assert rules["appendonly"] == "yes"
    assert rules["appendfsync"] == "everysec"
    assert rules["maxmemory-policy"] == "noeviction"
    assert rules["timeout"] == "0"
    for name in ("redis", "stories"):
        assert "./deploy/redis.conf:/etc/redis.conf:ro" in compose["services"][name]["volumes"]
        assert "/etc/redis.conf" in compose["services"][name]["command"]


def test_doors_open_to_this_host_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert compose["networks"]["inside"]["internal"] is True


def test_each_profile_starts_what_it_says(compose: dict[str, Any]) -> None:
    profiles: dict[str, set[str]] = {}
    for name, service in compose["services"].items():
        for profile in service.get("profiles", []):
            profiles.setdefault(profile, set()).add(name)

    assert profiles == {
        "tools": {"enqueue"},
        "monitoring": {"flower", "metrics", "prometheus", "grafana"},
        "stores": {"postgres"},
    }


def test_figures_are_asked_for_with_a_token_from_a_secret(root: Path, compose: dict[str, Any]) -> None:
    metrics, prometheus = compose["services"]["metrics"], compose["services"]["prometheus"]
    scrape = yaml.safe_load((root / "deploy/prometheus/compose.yml").read_text())["scrape_configs"][0]

    assert metrics["environment"]["COPYDESK_METRICS_TOKEN_FILE"] == "/run/secrets/metrics_token"
    assert metrics["secrets"] == prometheus["secrets"] == ["metrics_token"]
    assert scrape["authorization"]["credentials_file"] == "/run/secrets/metrics_token"
    assert scrape["static_configs"][0]["targets"] == ["metrics:9464"]
    assert "ports" not in metrics
    assert "ports" not in prometheus


def test_flower_asks_for_a_password_from_a_secret(compose: dict[str, Any]) -> None:
    flower = compose["services"]["flower"]

    assert flower["secrets"] == ["flower_auth"]
    assert flower["environment"]["FLOWER_AUTH_FILE"] == "/run/secrets/flower_auth"
    assert any("flowerconfig.py" in volume for volume in flower["volumes"])


def test_no_secret_stands_in_the_file(root: Path) -> None:
    text = (root / "docker-compose.yml").read_text(encoding="utf-8")

    passwords = re.findall(r"redis://:([^@]*)@|REDIS(?:CLI)?_(?:AUTH|PASSWORD): (\S+)", text)

    assert passwords
    assert all((one or other).startswith("${") for one, other in passwords)


def test_what_is_mounted_from_the_project_exists(root: Path, compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (root / source).exists(), source
            else:
                assert source in compose["volumes"]
