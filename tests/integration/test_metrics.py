"""What Prometheus is told after a real run is what the ledger holds."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.integration


@contextmanager
def exporter(desk: Any, **env: str) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "worker", "metrics", "--port", "0"],
        env=desk.environment() | env,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        assert "http" in said, said
        yield said.split()[-1]
    finally:
        process.terminate()
        process.wait(10)
        process.stderr.close()


def scraped(url: str, token: str = "") -> dict[tuple[str, ...], float]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read().decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_figures_add_up_with_the_ledger(desk: Any) -> None:
    path = desk.write_stories(40)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(path))
        counts = desk.wait_finished(40)
    finally:
        workers.stop()
    desk.run("enqueue", "--force", str(path))

    with exporter(desk) as url:
        figures = scraped(url)

    assert {k[1]: v for k, v in figures.items() if k[0] == "copydesk_captures"} == counts.states == {"stored": 40}
    delivered = {(k[1], k[2]): v for k, v in figures.items() if k[0] == "copydesk_deliveries"}
    assert delivered == {(s, state): n for s, states in counts.deliveries.items() for state, n in states.items()}
    assert figures["copydesk_ignored_redeliveries",] == 40
    assert figures["copydesk_backlog_messages",] == 0
    assert figures["copydesk_index_captures",] == figures["copydesk_index_claims_last_hour",] == 40
    for sink in counts.deliveries:
        assert figures["copydesk_lag_from_routed_seconds_bucket", "+Inf", sink] == counts.deliveries[sink]["done"]
        assert figures["copydesk_lag_from_captured_seconds_gsum", sink] > 0
    assert {key[1]: value for key, value in figures.items() if key[0] == "copydesk_answers"} == {
        **dict.fromkeys(("ledger", "broker", "stories", "tallies"), 1)
    }
    items = {key[1:]: value for key, value in figures.items() if key[0] == "copydesk_stage_items_total"}
    expected = {("normalized", "normalize"): 40, ("judged:new", "deduplicate"): 40, ("classified", "classify"): 40}
    assert items.items() >= (expected | {("routed", "route"): 40, ("delivered:stored", "deliver"): 40}).items()
    for stage in ("normalize", "deduplicate", "classify", "route", "deliver"):
        waits = figures["copydesk_queue_wait_seconds_count", stage]
        assert waits == figures["copydesk_stage_batches_total", stage] >= 1
        assert 0 < figures["copydesk_stage_cpu_seconds_total", stage] <= figures["copydesk_stage_seconds_total", stage]


def test_what_waits_is_in_the_backlog(desk: Any) -> None:
    desk.run("enqueue", str(desk.write_stories(40)))

    with exporter(desk) as url:
        figures = scraped(url)

    assert figures["copydesk_queue_messages", "normalize"] == figures["copydesk_backlog_messages",] > 0
    assert figures["copydesk_oldest_message_age_seconds",] > 0
    assert figures["copydesk_captures", "accepted"] == 40


def test_with_a_token_the_door_opens_to_its_bearer_only(desk: Any) -> None:
    with exporter(desk, COPYDESK_METRICS_TOKEN="open-sesame") as url:
        for wrong in ("", "open-sesam", "ö"):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                scraped(url, wrong.encode().decode("latin-1"))

        assert scraped(url, "open-sesame")["copydesk_answers", "ledger"] == 1


def test_beyond_this_host_a_token_is_demanded(desk: Any) -> None:
    refused = desk.run("metrics", "--host", "0.0.0.0", "--port", "0")

    assert refused.returncode == 2
    assert "COPYDESK_METRICS_TOKEN" in refused.stderr
