"""A password of the broker works from a file, and is told nowhere: not in logs, nor by any verb, nor in Flower.

Flower asks who is there, changes nothing, and has no open door for figures.
"""

from __future__ import annotations

import base64
import socket
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from worker.cli.embedded import with_broker
from worker.cli.workers import Workers
from worker.state.redis_server import connect

pytestmark = pytest.mark.integration
SECRET = "s3cret-of-the-broker"


@pytest.fixture
def locked(desk: Any) -> Any:
    """A desk whose broker asks for a password."""
    open_url = desk.settings.broker.url
    client = connect(open_url)
    client.config_set("requirepass", SECRET)
    client.close()
    url = open_url.replace("redis+socket://", f"redis+socket://:{SECRET}@")
    desk.settings = with_broker(desk.settings, url)
    yield desk
    client = connect(url)
    client.config_set("requirepass", "")
    client.close()


def told_of(url: str, login: str = "", method: str = "GET") -> tuple[int, str]:
    headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()} if login else {}
    request = urllib.request.Request(url, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def test_the_password_works_from_a_file_and_is_told_nowhere(locked: Any) -> None:
    secret = locked.folder / "broker-url"
    secret.write_text(locked.settings.broker.url + "\n")
    env = {"COPYDESK_BROKER__URL": "", "COPYDESK_BROKER__URL_FILE": str(secret)}
    (locked.folder / "articles.sqlite").mkdir()  # a sink that fails, so that warnings are logged too
    workers = locked.workers()
    try:
        said = [locked.run("enqueue", str(locked.write_stories(2)), **env)]
        until = time.monotonic() + 60
        while "batch.done" not in (log := (locked.folder / "worker.log").read_text()) or "deliver" not in log:
            assert time.monotonic() < until, log[-2000:]
            time.sleep(0.1)
        verbs = (["status"], ["status", "--json"], ["check"], ["check", "--json"], ["doctor"], ["deliveries", "list"])
        said += [locked.run(*verb, **env) for verb in verbs]
        said.append(locked.run("status", COPYDESK_BROKER__URL=locked.settings.broker.url.replace("redis.sock", "gone")))
    finally:
        workers.stop()

    assert said[0].returncode == 0, said[0].stderr
    assert "copydesk" in log
    for done in said:
        assert SECRET not in done.stdout + done.stderr, done.args
    assert SECRET not in (locked.folder / "worker.log").read_text()


def test_flower_asks_who_is_there_changes_nothing_and_tells_no_secret(locked: Any) -> None:
    pytest.importorskip("flower", reason="the extra `monitor` is not installed")
    port = free_port()
    workers = Workers(locked.settings)
    try:
        workers.start(processes=1, beat=False, log=locked.folder / "worker.log")
        login_file = workers.start_flower(port, log=locked.folder / "flower.log")
        workers.wait_ready()
        locked.run("enqueue", str(locked.write_stories(2)))
        locked.wait_finished(2)
        base, login = f"http://127.0.0.1:{port}", login_file.read_text().strip()
        until = time.monotonic() + 60
        while True:
            try:
                if told_of(f"{base}/healthcheck")[0] == 200:
                    break
            except OSError:
                pass
            assert time.monotonic() < until, (locked.folder / "flower.log").read_text()[-2000:]
            time.sleep(0.2)

        strangers = {page: told_of(base + page)[0] for page in ("/", "/tasks", "/broker", "/api/workers", "/metrics")}
        shown = {page: told_of(base + page, login) for page in ("/", "/workers", "/tasks", "/broker", "/api/tasks")}
        metrics = told_of(f"{base}/metrics", login)[0]
        changing = ("/api/worker/shutdown/x", "/api/task/revoke/x", "/api/task/send-task/worker.expire")
        changes = {page: told_of(base + page, login, "POST")[0] for page in changing}
    finally:
        workers.stop()

    assert login_file.stat().st_mode & 0o077 == 0
    assert {page: status for page, status in strangers.items() if page != "/metrics"} == dict.fromkeys(
        ("/", "/tasks", "/broker", "/api/workers"), 401
    )
    assert strangers["/metrics"] in (401, 404)
    assert metrics == 404
    assert {page: status for page, (status, _) in shown.items()} == dict.fromkeys(shown, 200)
    assert changes == dict.fromkeys(changing, 403)
    for page, (_, text) in shown.items():
        assert SECRET not in text, page
        assert "word1" not in text, page  # no text of an article either
    assert SECRET not in (locked.folder / "flower.log").read_text()
