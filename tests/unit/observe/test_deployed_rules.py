"""Alert rules speak of metrics that exist, and the documentation names each of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from worker.observe.metrics import Collector, Sight
from worker.state.backlog import BacklogSize
from worker.state.ledger import open_ledger
from worker.state.stories import IndexSize

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"


@pytest.fixture
def served() -> str:
    """The exposition with a message in the broker and nothing in the ledger."""
    sight = Sight(
        open_ledger("memory://"),
        lambda: BacklogSize({"normalize": 1}, 2, 100.0, 0.5),
        lambda: IndexSize(stories=1, captures=2, bytes=3),
        {"topics": "abc"},
    )
    registry = CollectorRegistry()
    registry.register(Collector(sight, clock=lambda: 160.0))
    return generate_latest(registry).decode()


def names(text: str) -> set[str]:
    return {re.sub(r"_(bucket|gcount|gsum)$", "", name) for name in re.findall(r"\bcopydesk_\w+", text)}


def test_every_metric_of_a_rule_is_served(served: str) -> None:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    used = names(" ".join(rule["expr"] for group in groups for rule in group["rules"]))

    assert used <= names(served)


def test_every_rule_says_what_to_do() -> None:
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["action"], rule["alert"]


def test_every_metric_is_documented_and_every_documented_one_served(served: str) -> None:
    documented = names("".join(re.findall(r"^\| `.*", (ROOT / "docs" / "operations.md").read_text(), re.M)))

    assert documented == names(served)


def test_the_wait_is_the_age_of_the_oldest_message(served: str) -> None:
    assert "copydesk_oldest_message_age_seconds 60.0" in served
    assert "copydesk_backlog_messages 3.0" in served


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_takes_configuration_and_rules() -> None:
    done = subprocess.run(
        ["promtool", "check", "config", str(RULES.with_name("prometheus.yml"))],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
