"""What people ask of rules and deliveries: what would go where, what went where, and once more."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from worker.models import Delivery, Receipt
from worker.state.ledger import open_ledger

pytestmark = pytest.mark.integration

RULES = """
[[routes]]
name = "kenya"
when = { regions = ["KE"], topics = ["medtop:11000000"] }
sinks = ["stream"]
continue = true

[[routes]]
name = "rest"
sinks = ["articles"]
"""


def listed(desk: Any, *arguments: str) -> list[dict[str, Any]]:
    done = desk.run("deliveries", "list", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def wait(holds: Any, within_s: float = 40) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_deliveries_that_a_broken_store_holds_up_are_listed_and_go_out_when_it_is_mended(desk: Any) -> None:
    (desk.folder / "articles.sqlite").mkdir()  # no database can be there
    workers = desk.workers()
    try:
        assert desk.run("enqueue", str(desk.write_stories(3))).returncode == 0
        wait(lambda: len([one for one in listed(desk, "--state", "waiting") if one["waiting_until"]]) == 3)
        table = desk.run("deliveries", "list", "--sink", "articles", "--since", "1h")

        (desk.folder / "articles.sqlite").rmdir()
        again = desk.run("deliveries", "retry", "--sink", "articles")
        counts = desk.wait_finished(3)
    finally:
        workers.stop()

    assert "articles" in table.stdout
    assert "waiting" in table.stdout
    assert "copydesk deliveries retry" in table.stderr
    assert "3 deliveries published again" in again.stdout
    assert counts.states == {"stored": 3}
    assert len(desk.stored()) == 3
    assert [one["state"] for one in listed(desk, "--sink", "articles")] == ["done"] * 3


def test_a_rejected_delivery_is_named_by_the_start_of_its_id_and_waits_again(desk: Any) -> None:
    workers = desk.workers()
    (desk.folder / "articles.sqlite").mkdir()
    desk.run("enqueue", str(desk.write_stories(1)))
    wait(lambda: listed(desk))
    workers.stop()
    delivery = Delivery.model_validate(listed(desk)[0]["delivery"] | {"body": {"digest": "0" * 64, "size": 1}})
    ledger = open_ledger(desk.settings.ledger_url)
    ledger.receive([Receipt(delivery_id=delivery.delivery_id, status="rejected", detail="too long")])
    ledger.close()

    (rejected,) = listed(desk, "--state", "rejected")
    unknown = desk.run("deliveries", "retry", "ffffffffffff0")
    again = desk.run("deliveries", "retry", delivery.delivery_id[:10], "--json")

    assert rejected["detail"] == "too long"
    assert unknown.returncode == 1
    assert "begins with 'ffffffffffff0'" in unknown.stderr
    assert json.loads(again.stdout) == {"articles": 1}
    assert [one["state"] for one in listed(desk)] == ["waiting"]


def test_unknown_sinks_states_and_empty_retries_are_told(desk: Any) -> None:
    assert "no sink named 'desk'" in desk.run("deliveries", "list", "--sink", "desk").stderr
    assert desk.run("deliveries", "list", "--state", "gone").returncode == 2
    assert desk.run("deliveries", "retry").returncode == 2
    assert "0 of 0 deliveries" in desk.run("deliveries", "list").stderr


def test_routes_test_says_where_captures_and_records_would_go_and_why(desk: Any, tmp_path: Path) -> None:
    stories = desk.write_stories(2)
    default = desk.run("routes", "test", str(stories))
    (desk.settings.config_dir / "routes.toml").write_text(RULES)

    shown = desk.run("routes", "test", str(stories))
    told = [json.loads(line) for line in desk.run("routes", "test", "--json", str(stories)).stdout.splitlines()]

    assert "everything-else → articles" in default.stdout
    assert shown.returncode == 0
    assert "rest → articles" in shown.stdout
    for one in told:
        reasons = {match["route"]: match["because"] for match in one["matched"]}
        reasons |= {miss["route"]: miss["because"] for miss in one["missed"]}
        assert set(reasons) == {"kenya", "rest"}
        assert reasons["rest"] == "every article"
        assert "KE" in reasons["kenya"] or "topic" in reasons["kenya"]


def test_records_that_a_sink_wrote_are_tried_against_new_rules(desk: Any) -> None:
    from worker.formats.record import clean_of, record
    from worker.intake import read
    from worker.models import CaptureFacts, RawCapture
    from worker.pipeline import Pipeline, whole_way

    raws = [one for one in read([str(desk.write_stories(2))], defaults=CaptureFacts()) if isinstance(one, RawCapture)]
    cleans = [result.clean for result in whole_way(Pipeline.in_memory(desk.settings), raws) if result.clean]
    lines = desk.folder / "yesterday.jsonl"
    lines.write_text("".join(json.dumps(record(clean)) + "\n" for clean in cleans) + '{"schema_version": "1.0"}\n')

    told = [json.loads(line) for line in desk.run("routes", "test", "--json", str(lines)).stdout.splitlines()]

    assert [clean_of(record(clean)) for clean in cleans] == cleans
    assert [one["headline"] for one in told[:2]] == [clean.article.headline for clean in cleans]
    assert all(one["matched"] for one in told[:2])
    assert told[2]["reason"].startswith("no record of ours")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            '[[routes]]\nname="a"\nwhen={regions=["south-america"]}\nsinks=["stream"]',
            "did you mean 'region:south-america'?",
        ),
        ('[[routes]]\nname="a"\nwhen={regions=["ve"]}\nsinks=["stream"]', "did you mean 'VE'?"),
        ('[[routes]]\nname="a"\nwhen={topics=["medtop:99"]}\nsinks=["stream"]', "unknown topic 'medtop:99'"),
        (
            '[[routes]]\nname="a"\nsinks=["stream"]\n[[routes]]\nname="b"\nsinks=["stream"]',
            "'b' is never reached: 'a' above",
        ),
        ('[[routes]]\nname="a"\nsinks=["desk"]', "names sink 'desk'; configured: articles, stream"),
        ('[[routes]]\nname="a"\nwhen={region=["VE"]}\nsinks=["stream"]', "no such key"),
    ],
)
def test_check_finds_what_cannot_be_meant(desk: Any, rules: str, said: str) -> None:
    (desk.settings.config_dir / "routes.toml").write_text(rules)

    done = desk.run("check")

    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ('[[topics]]\ncode = "medtop:politics"\nwords = ["a"]', "did you mean 'medtop:11000000'"),
        ('[[topics]]\ncode = "local:harbour"\nkeywords = ["quay"]', "no such key"),
        ('[[topics]]\ncode = "local:harbour"\nwords = ["quay"]\nmin_hits = 2', "lower min_hits or add words"),
        ("primary_at = 2", "primary_at"),
    ],
)
def test_check_finds_topic_rules_that_cannot_be_meant(desk: Any, rules: str, said: str) -> None:
    (desk.settings.config_dir / "topics.toml").write_text(rules)

    done = desk.run("check")

    assert done.returncode == 2
    assert said in done.stderr
    assert "topics.toml" in done.stderr


def test_check_warns_of_a_retired_topic_and_takes_its_live_ancestor(desk: Any) -> None:
    (desk.settings.config_dir / "topics.toml").write_text('[[topics]]\ncode = "medtop:20000160"\nwords = ["quay"]')

    done = desk.run("check")

    assert done.returncode == 0
    assert "medtop:20000160 is retired; medtop:03000000 is used" in done.stderr


def test_the_version_is_told(desk: Any) -> None:
    from worker import __version__

    assert desk.run("--version").stdout == f"copydesk {__version__}\n"
