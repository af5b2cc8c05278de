"""Alert rules speak of metrics that exist, and the documentation names each of them."""

from __future__ import annotations

import json
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
from worker.state.tallies import WAIT_BOUNDS_S, Tally

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"


def tallied() -> dict[tuple[str, ...], float]:
    """What three batches left: one waited 0.3 s, one 7 s, one an age."""
    tally = Tally()
    tally.count("items", "normalize", "dropped:too_short", by=3)
    for waited_s in (0.3, 7, 10**6):
        tally.observe("wait", "normalize", seconds=waited_s, bounds=WAIT_BOUNDS_S)
    held: dict[tuple[str, ...], float] = {}
    for field, value in [*tally.fields.items(), *tally.seconds.items()]:
        held[tuple(field.split("|"))] = value
    return held


@pytest.fixture
def served() -> str:
    """The exposition with a message in the broker and nothing in the ledger."""
    sight = Sight(
        ledger=open_ledger("memory://"),
        backlog=lambda: BacklogSize({"normalize": 1}, 2, 100.0, 0.5),
        stories=lambda: IndexSize(stories=1, captures=2, bytes=3),
        tallies=tallied,
        quarantined=lambda: {("normalize", "crashed"): 1},
        versions={"topics": "abc"},
    )
    registry = CollectorRegistry()
    registry.register(Collector(sight, clock=lambda: 160.0))
    return generate_latest(registry).decode()


def names(text: str) -> set[str]:
    return {re.sub(r"_(bucket|gcount|gsum|count|sum|total)$", "", name) for name in re.findall(r"\bcopydesk_\w+", text)}


def test_every_metric_of_a_rule_is_served(served: str) -> None:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    used = names(" ".join(rule["expr"] for group in groups for rule in group["rules"]))

    assert used <= names(served)


def test_the_dashboard_shows_every_metric_and_none_that_is_not_served(served: str) -> None:
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "copydesk.json").read_text())
    shown = names(" ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"]))

    assert shown == names(served)


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "copydesk.json").read_text())
    panels = dashboard["panels"]

    assert dashboard["title"]
    assert dashboard["schemaVersion"] >= 36
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    kinds = {"timeseries", "stat", "bargauge", "table"}
    assert {panel["type"] for panel in panels} <= kinds
    variables = {one["name"] for one in dashboard["templating"]["list"]}
    sources = {target["datasource"]["uid"] for panel in panels for target in panel["targets"]}
    assert sources == {f"${{{name}}}" for name in variables}
    for panel in panels:
        refs = [target["refId"] for target in panel["targets"]]
        assert refs
        assert len(set(refs)) == len(refs)


def test_expressions_are_balanced_and_quantiles_are_taken_of_buckets() -> None:
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "copydesk.json").read_text())
    groups = yaml.safe_load(RULES.read_text())["groups"]
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    expressions += [rule["expr"] for group in groups for rule in group["rules"]]

    for expression in expressions:
        for opening, closing in ("()", "[]", "{}"):
            assert expression.count(opening) == expression.count(closing), expression
        if "histogram_quantile" in expression:
            assert "_bucket" in expression
        for counter in re.findall(r"copydesk_\w+_total(?:\{[^}]*\})?", expression):
            assert f"rate({counter}[" in expression, expression


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


def test_waits_and_outcomes_of_stages_are_sums_over_all_workers(served: str) -> None:
    assert 'copydesk_stage_items_total{outcome="dropped:too_short",stage="normalize"} 3.0' in served
    wait = 'copydesk_queue_wait_seconds_bucket{le="%s",stage="normalize"} %s'
    assert wait % ("0.1", "0.0") in served
    assert wait % ("0.5", "1.0") in served
    assert wait % ("15.0", "2.0") in served
    assert wait % ("+Inf", "3.0") in served
    assert 'copydesk_queue_wait_seconds_sum{stage="normalize"} 1.0000073e+06' in served


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_takes_configuration_and_rules() -> None:
    done = subprocess.run(
        ["promtool", "check", "config", str(RULES.with_name("prometheus.yml"))],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
