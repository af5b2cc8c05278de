"""A backup of a system at work, made and restored as docs/runbook.md tells it, on another machine's folders."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from worker.state import redis_server

pytestmark = pytest.mark.fault


@pytest.fixture
def with_index(make_desk: Callable[..., Any]) -> Iterator[Callable[[Path | None], Any]]:
    """Makes desks whose story index has a server of its own: an empty one, or one on a copy of another's files."""
    servers = []

    def make(files: Path | None = None) -> Any:
        desk = make_desk()
        folder = desk.folder / "index"
        if files is not None:
            shutil.copytree(files, folder)
        server = redis_server.start(folder, maxmemory_mb=128)
        servers.append(server)
        with (desk.settings.config_dir / "profiles" / "test.toml").open("a") as profile:
            profile.write(f'\n[stories]\nurl = "{server.url}"\n')
        desk.reload()
        return desk

    yield make
    for server in servers:
        redis_server.stop(server, force=True)


def test_a_backup_of_a_system_at_work_is_restored_elsewhere_and_nothing_is_lost_or_stored_twice(
    with_index: Callable[..., Any], trial_of: Callable[..., Any], captures: int, tmp_path: Path
) -> None:
    old = trial_of(with_index())
    with old.at_work():
        old.wait_for(0.3)
        back_up(old.desk, tmp_path)
        known = json_of(old.desk.run("status", "--json"))
    assert old.desk.counts().states.get("stored", 0) > 0

    new = trial_of(with_index(tmp_path / "index"))
    restore(new.desk, tmp_path)
    held = new.desk.counts()
    workers = new.desk.workers()
    try:
        new.reconcile()
        fed_again = new.desk.run("enqueue", str(old.desk.folder / "stories.jsonl"), "--force")
        new.finish()
    finally:
        workers.stop()

    assert 0 < held.states["stored"] < captures, held.states  # it was made in the middle of the work
    assert known["captures"]["stored"] >= held.states["stored"]
    assert fed_again.returncode == 0, fed_again.stderr
    assert new.desk.counts().duplicate_kinds == {"new": captures}
    new.account("F8 all is lost, and a backup restored on another machine", strikes=1)


def back_up(desk: Any, to: Path) -> None:
    """The ledger first, then all the rest, so that the rest holds whatever the ledger says is there."""
    copy_database(desk.folder / "ledger.sqlite", to / "ledger.sqlite")
    copy_folder(desk.folder / "spool", to)
    copy_database(desk.folder / "articles.sqlite", to / "articles.sqlite")
    client: Any = redis_server.connect(desk.settings.stories_url)
    before = client.config_get("auto-aof-rewrite-percentage")["auto-aof-rewrite-percentage"]
    client.config_set("auto-aof-rewrite-percentage", 0)
    assert not client.info("persistence")["aof_rewrite_in_progress"]
    (to / "index").mkdir()
    copy_folder(desk.folder / "index" / "appendonlydir", to / "index")
    client.config_set("auto-aof-rewrite-percentage", before)


def restore(desk: Any, source: Path) -> None:
    for name in ("ledger.sqlite", "articles.sqlite"):
        shutil.copy(source / name, desk.folder / name)
    shutil.copytree(source / "spool", desk.folder / "spool")


def copy_database(source: Path, to: Path) -> None:
    if shutil.which("sqlite3"):
        subprocess.run(["sqlite3", str(source), f".backup {to}"], check=True)
        return
    with contextlib.closing(sqlite3.connect(source)) as live, contextlib.closing(sqlite3.connect(to)) as copy:
        live.backup(copy)


def copy_folder(source: Path, to: Path) -> None:
    """By cp, as people do; it complains of a file that was half written and is gone when it comes to it."""
    subprocess.run(["cp", "-a", str(source), str(to)], check=False, capture_output=True)


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)
