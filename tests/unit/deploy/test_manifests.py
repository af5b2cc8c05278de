"""deploy/kustomize: what it names is there, and every worker is bounded, gentle and without privilege."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.settings import Settings

Manifest = dict[str, Any]


def read(path: Path) -> list[Manifest]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def deployments(root: Path) -> dict[str, Manifest]:
    base = root / "deploy/kustomize/base"
    found = [one for path in base.glob("*.yaml") for one in read(path) if one["kind"] == "Deployment"]
    return {one["metadata"]["name"]: one for one in found}


@pytest.fixture(scope="module")
def overlay(root: Path) -> dict[str, Manifest]:
    folder = root / "deploy/kustomize/overlays/prod"
    return {one["kind"]: one for path in folder.glob("*.yaml") for one in read(path)}


def test_every_kustomization_names_what_is_there(root: Path) -> None:
    for path in (root / "deploy/kustomize").rglob("kustomization.yaml"):
        (manifest,) = read(path)
        beside = {one.name for one in path.parent.glob("*.yaml")} - {path.name}

        assert all((path.parent / name).exists() for name in manifest["resources"])
        assert beside <= set(manifest["resources"])


def test_the_workers_consume_every_queue_once(deployments: dict[str, Manifest], settings: Settings) -> None:
    consumed: list[str] = []
    for one in deployments.values():
        args = one["spec"]["template"]["spec"]["containers"][0]["args"]
        consumed += args[args.index("-Q") + 1].split(",")

    assert sorted(consumed) == sorted(settings.queues)


def test_every_worker_is_bounded_gentle_and_without_privilege(
    deployments: dict[str, Manifest], settings: Settings
) -> None:
    for one in deployments.values():
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]

        assert pod["terminationGracePeriodSeconds"] >= settings.worker.grace_s
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert "memory" in container["resources"]["limits"]
        assert {"name": "REMAP_SIGTERM", "value": "SIGQUIT"} in container["env"]
        assert one["spec"]["selector"]["matchLabels"].items() <= one["spec"]["template"]["metadata"]["labels"].items()


def test_health_never_asks_the_broker(deployments: dict[str, Manifest]) -> None:
    for one in deployments.values():
        (container,) = one["spec"]["template"]["spec"]["containers"]
        for probe in ("livenessProbe", "startupProbe", "readinessProbe"):
            asked = " ".join(container[probe]["exec"]["command"])
            assert "/run/copydesk/" in asked
            assert "celery" not in asked


def test_only_one_clock_ticks(deployments: dict[str, Manifest]) -> None:
    clocks = {
        name: one
        for name, one in deployments.items()
        if "--beat" in one["spec"]["template"]["spec"]["containers"][0]["args"]
    }

    assert set(clocks) == {"copydesk-housekeeping"}
    assert clocks["copydesk-housekeeping"]["spec"]["replicas"] == 1
    assert clocks["copydesk-housekeeping"]["spec"]["strategy"]["type"] == "Recreate"


def test_the_scaler_follows_our_backlog_and_waits_for_running_tasks(
    deployments: dict[str, Manifest], overlay: dict[str, Manifest], settings: Settings
) -> None:
    scaled = overlay["ScaledObject"]["spec"]
    behavior = scaled["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]

    assert scaled["scaleTargetRef"]["name"] in deployments
    assert scaled["minReplicaCount"] >= 1
    assert scaled["triggers"][0]["type"] == "prometheus"
    assert "copydesk_backlog" in scaled["triggers"][0]["metadata"]["query"]
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] >= settings.worker.time_limit_s


def test_the_disruption_budget_covers_the_scaled_workers(
    deployments: dict[str, Manifest], overlay: dict[str, Manifest]
) -> None:
    (expression,) = overlay["PodDisruptionBudget"]["spec"]["selector"]["matchExpressions"]
    there = {one["metadata"]["labels"][expression["key"]] for one in deployments.values()}

    assert set(expression["values"]) == there - {"housekeeping"}
