"""`copydesk doctor` finds what is not well, says what to do, and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from worker.cli import checks
from worker.state.redis_server import connect
from worker.state.server import ServerLook

pytestmark = pytest.mark.integration


def asked(desk: Any, *arguments: str, code: int = 0, **env: str) -> dict[str, dict[str, str]]:
    """The findings by name."""
    done = desk.run("doctor", "--json", *arguments, **env)
    assert done.returncode == code, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["state"] == ("fail" if code else max((f["state"] for f in told["findings"]), key="ok warn fail".find))
    return {finding["name"]: finding for finding in told["findings"]}


def test_a_desk_at_work_is_well(desk: Any) -> None:
    workers = desk.workers()
    try:
        desk.run("enqueue", str(desk.write_stories(1)))
        desk.wait_finished(1)
        found = asked(desk)
    finally:
        workers.stop()

    assert {name for name, finding in found.items() if finding["state"] != "ok"} == set()
    assert set(found) == {
        *("configuration", "broker", "broker safety", "broker memory", "broker clock", "workers"),
        *("disk", "ledger", "sink articles", "sink stream"),
    }
    assert "step 4 of 4" in found["ledger"]["said"]


def test_it_makes_no_file_and_no_key(desk: Any) -> None:
    before = {path for path in desk.folder.rglob("*") if "redis" not in path.parts}

    found = asked(desk)

    assert {path for path in desk.folder.rglob("*") if "redis" not in path.parts} == before
    client = connect(desk.settings.broker.url)
    assert client.dbsize() == 0
    client.close()
    assert found["workers"]["state"] == "warn"
    assert "copydesk up" in found["workers"]["todo"]


def test_a_server_that_would_lose_is_told_with_what_to_set(desk: Any) -> None:
    client = connect(desk.settings.broker.url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.config_set("appendonly", "no")
    client.config_set("maxmemory", 0)
    client.close()

    done = desk.run("doctor", "--json")
    findings = [finding for finding in json.loads(done.stdout)["findings"] if finding["state"] == "warn"]

    assert done.returncode == 0
    assert {(finding["name"], finding["todo"]) for finding in findings} >= {
        ("broker safety", "set noeviction"),
        ("broker safety", "set appendonly yes"),
        ("broker memory", "set maxmemory, so that the host keeps its own"),
    }
    assert any("allkeys-lru" in finding["said"] for finding in findings)


def test_in_production_such_a_server_fails(desk: Any) -> None:
    client = connect(desk.settings.broker.url)
    client.config_set("appendonly", "no")
    client.close()
    url = desk.settings.broker.url
    urls = {"COPYDESK_STORIES__URL": url, "COPYDESK_LEDGER__URL": desk.settings.ledger_url}

    found = asked(desk, "--profile", "prod", code=1, COPYDESK_SPOOL__URL=desk.settings.spool_url, **urls)

    assert found["broker safety"]["state"] == "fail"


def test_a_sink_that_is_away_fails_and_the_rest_is_still_looked_at(desk: Any) -> None:
    (desk.folder / "articles").write_text("in the way")

    found = asked(desk, code=1)

    assert found["sink stream"]["state"] == "fail"
    assert "file where a folder is wanted" in found["sink stream"]["said"]
    assert "deliveries wait" in found["sink stream"]["todo"]
    assert found["sink articles"]["state"] == "ok"


def test_a_broker_that_is_away_is_told_without_its_password(desk: Any) -> None:
    done = desk.run("doctor", COPYDESK_BROKER__URL="redis://:s3cret@127.0.0.1:1/0")

    assert done.returncode == 1
    assert "does not answer" in done.stdout
    assert "mend broker.url" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr


def test_a_broken_configuration_is_a_finding_too(desk: Any) -> None:
    (desk.settings.config_dir / "routes.toml").write_text('[[routes]]\nname = "a"\nsinks = ["gone"]\n')

    found = asked(desk, code=1)

    assert set(found) == {"configuration"}
    assert "names sink 'gone'" in found["configuration"]["said"]


def test_a_ledger_of_a_newer_copydesk_and_a_damaged_one_fail(desk: Any) -> None:
    path = desk.folder / "ledger.sqlite"
    path.write_bytes(b"this is no database" * 100)

    assert "damaged" in asked(desk, code=1)["ledger"]["said"]

    import sqlite3

    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert "newer copydesk" in asked(desk, code=1)["ledger"]["said"]


def test_a_disk_below_the_least_fails(desk: Any) -> None:
    found = asked(desk, code=1, COPYDESK_PRODUCER__MIN_FREE_MB=str(2**40))

    assert found["disk"]["state"] == "fail"
    assert "producers pause" in found["disk"]["todo"]


@pytest.mark.parametrize(("ahead_s", "state"), [(0.2, "ok"), (-5.0, "warn"), (90.0, "fail")])
def test_a_clock_that_is_off_is_told_with_its_side(ahead_s: float, state: str) -> None:
    look = ServerLook("Redis", "7.2.4", 0.001, ahead_s, 1, 10, "noeviction", ())

    finding = checks._clock("broker clock", look)

    assert finding.state == state
    if state != "ok":
        assert "NTP" in finding.todo
        assert ("ahead of" if ahead_s > 0 else "behind") in finding.said


@pytest.mark.parametrize(("used", "state"), [(10, "ok"), (80, "warn"), (95, "fail")])
def test_memory_that_runs_out_is_told(used: int, state: str) -> None:
    look = ServerLook("Redis", "7.2.4", 0.001, 0.0, used, 100, "noeviction", ())

    assert checks._memory("broker memory", look).state == state


def test_the_ledger_in_postgresql_is_looked_at_without_being_made(postgres_url: str) -> None:
    import psycopg

    from worker.state.database.look import look_at
    from worker.state.ledger import open_ledger

    before = look_at(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        made = connection.execute("SELECT to_regnamespace('copydesk_state')").fetchone()
    open_ledger(postgres_url).close()
    after = look_at(postgres_url)

    assert before.version is None
    assert made == (None,)
    assert after.version == after.newest
