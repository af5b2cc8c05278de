"""deploy/kustomize: valid by the schemas of Kubernetes, and true to the rules of `worker.app`. No cluster needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.observe import health
from worker.settings import Settings

ROLES = ("stages", "deliveries", "housekeeping")
KUBERNETES = "1.32"


def documents(folder: Path) -> list[dict[str, Any]]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))]
    return [document for text in texts for document in yaml.safe_load_all(text)]


@pytest.fixture(scope="module")
def kustomize(root: Path) -> Path:
    return root / "deploy/kustomize"


@pytest.fixture(scope="module")
def deployments(kustomize: Path) -> dict[str, dict[str, Any]]:
    """Of the workers."""
    found = [one for one in documents(kustomize / "base") if one["kind"] == "Deployment"]
    found = [one for one in found if one["metadata"]["name"] != "copydesk-metrics"]
    return {one["metadata"]["name"].removeprefix("copydesk-"): one["spec"] for one in found}


@pytest.fixture(scope="module")
def prod(kustomize: Path) -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in documents(kustomize / "overlays/prod")}


def container_of(deployment: dict[str, Any]) -> dict[str, Any]:
    (container,) = deployment["template"]["spec"]["containers"]
    return dict(container)


def queues_of(deployment: dict[str, Any]) -> list[str]:
    args = container_of(deployment)["args"]
    return str(args[args.index("-Q") + 1]).split(",")


def test_every_object_of_kubernetes_is_valid_by_its_schema(kustomize: Path) -> None:
    validator = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    native = [one for one in documents(kustomize) if one["kind"] not in ("Kustomization", "ScaledObject")]

    for one in native:
        validator.validate(one, KUBERNETES, strict=True)

    assert len(native) == 9


def test_a_kustomization_names_files_that_are_there_and_leaves_none_out(kustomize: Path) -> None:
    for path in kustomize.rglob("kustomization.yaml"):
        named = yaml.safe_load(path.read_text(encoding="utf-8"))["resources"]

        assert all((path.parent / name).exists() for name in named)
        assert {name for name in named if name.endswith(".yaml")} | {path.name} == {
            beside.name for beside in path.parent.glob("*.yaml")
        }


def test_the_workers_consume_every_queue_once(deployments: dict[str, dict[str, Any]], settings: Settings) -> None:
    assert sorted(deployments) == sorted(ROLES)
    assert sorted(queue for one in deployments.values() for queue in queues_of(one)) == sorted(settings.queues)


@pytest.mark.parametrize("role", ROLES)
def test_a_worker_stops_gently_within_limits_and_holds_no_privilege(
    deployments: dict[str, dict[str, Any]], settings: Settings, role: str
) -> None:
    pod, container = deployments[role]["template"]["spec"], container_of(deployments[role])

    assert pod["terminationGracePeriodSeconds"] >= settings.worker.grace_s
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert {"name": "REMAP_SIGTERM", "value": "SIGQUIT"} in container["env"]
    assert container["resources"]["limits"]["memory"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize("role", ROLES)
def test_probes_ask_the_health_files_and_never_the_broker(deployments: dict[str, dict[str, Any]], role: str) -> None:
    container, folder = container_of(deployments[role]), Path("/run/copydesk")

    asked = {probe: " ".join(container[f"{probe}Probe"]["exec"]["command"]) for probe in ("liveness", "readiness")}

    assert str(health.alive_file(folder)) in asked["liveness"]
    assert str(health.ready_file(folder)) in asked["readiness"]
    assert not any("celery" in command or "redis" in command for command in asked.values())


def test_there_is_one_clock_and_never_two_at_once(deployments: dict[str, dict[str, Any]]) -> None:
    with_beat = [role for role, one in deployments.items() if "--beat" in container_of(one)["args"]]

    assert with_beat == ["housekeeping"]
    assert deployments["housekeeping"]["replicas"] == 1
    assert deployments["housekeeping"]["strategy"] == {"type": "Recreate"}


def test_stages_are_scaled_by_our_backlog_and_not_in_the_middle_of_a_task(
    prod: dict[str, dict[str, Any]], settings: Settings
) -> None:
    spec = prod["ScaledObject"]["spec"]
    (trigger,) = spec["triggers"]
    down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]

    assert spec["scaleTargetRef"]["name"] == "copydesk-stages"
    assert trigger["metadata"]["query"].startswith("sum(copydesk_backlog_messages) - ")
    (left_out,) = re.findall(r'queue=~"(.+)"', trigger["metadata"]["query"])
    stages = {queue for queue in settings.queues if not re.fullmatch(left_out, queue)}
    assert stages == {"normalize", "deduplicate", "classify", "route"}
    assert down["stabilizationWindowSeconds"] >= settings.worker.time_limit_s


def test_what_keda_scales_by_is_served_behind_a_token_to_prometheus_alone(
    kustomize: Path, prod: dict[str, dict[str, Any]]
) -> None:
    base = {(one["kind"], one["metadata"]["name"]): one for one in documents(kustomize / "base") if "metadata" in one}
    pod = base["Deployment", "copydesk-metrics"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    service = base["Service", "copydesk-metrics"]["spec"]
    policies = [one for one in documents(kustomize / "overlays/prod") if one["kind"] == "NetworkPolicy"]
    (let_in,) = [rule for one in policies for rule in one["spec"].get("ingress", [])]

    (port,) = container["ports"]
    assert container["command"][:2] == ["copydesk", "metrics"]
    assert str(port["containerPort"]) in container["command"]
    assert service["ports"][0]["port"] == let_in["ports"][0]["port"] == port["containerPort"]
    assert container["envFrom"] == [{"secretRef": {"name": "copydesk"}}]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["resources"]["limits"]["memory"]


def test_the_budget_and_the_network_policies_choose_pods_that_exist(
    prod: dict[str, dict[str, Any]], kustomize: Path
) -> None:
    (expression,) = prod["PodDisruptionBudget"]["spec"]["selector"]["matchExpressions"]
    policies = [one for one in documents(kustomize / "overlays/prod") if one["kind"] == "NetworkPolicy"]
    chosen = [one["spec"]["podSelector"]["matchLabels"] for one in policies]

    assert set(expression["values"]) < set(ROLES)
    assert {"app.kubernetes.io/name": "copydesk"} in chosen
    assert {"app.kubernetes.io/component": "deliveries"} in chosen
    assert {"app.kubernetes.io/component": "housekeeping"} in chosen  # it polls feeds


def test_secrets_come_by_reference_only(kustomize: Path, deployments: dict[str, dict[str, Any]]) -> None:
    assert not [one for one in documents(kustomize) if one["kind"] == "Secret"]
    for one in deployments.values():
        assert container_of(one)["envFrom"] == [{"secretRef": {"name": "copydesk"}}]
        assert not [entry["name"] for entry in container_of(one)["env"] if "URL" in entry["name"]]
