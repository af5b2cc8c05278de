"""Real Celery worker processes as children: started, waited for, stopped."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import IO

from worker.cli.embedded import environment
from worker.errors import CopydeskError
from worker.settings import Settings

READY_WITHIN_S = 60.0
_numbers = itertools.count(1)


def flowerconfig() -> Path:
    """Flower's options, as they come with copydesk."""
    inside = Path(str(files("worker"))) / "_flowerconfig.py"
    return inside if inside.is_file() else Path(__file__).resolve().parents[2] / "deploy" / "flowerconfig.py"


class Workers:
    """The worker processes (and Flower) of one `copydesk up` or `demo`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._node = ""
        self._logs: list[IO[bytes]] = []

    def start(self, *, processes: int | None = None, beat: bool = True, log: Path | None = None) -> None:
        """Start one worker for every queue with `processes` children; its log goes to `log` or to our stderr."""
        self._node = f"copydesk-{os.getpid()}-{next(_numbers)}"
        count = processes or self._settings.worker.processes or os.cpu_count() or 1
        command = [
            *("-m", "worker.tasks", "-Q", ",".join(self._settings.queues)),
            *("--concurrency", str(count), "--without-gossip", "--without-mingle", "-n", f"{self._node}@%h"),
            *("--loglevel", self._settings.log.level),
        ]
        if beat:
            command += ["-B", "-s", str(self._settings.data_dir / "beat-schedule")]
        self._spawn("worker", command, log)

    def start_flower(self, port: int, *, log: Path | None = None) -> Path:
        """Start Flower on the loopback address, read-only; returns the file with the name and password to log in with.

        Raises CopydeskError where its extra is missing.
        """
        if importlib.util.find_spec("flower") is None:
            raise CopydeskError("Flower is not installed; install it with: pip install 'copydesk[monitor]'")
        folder = self._settings.data_dir
        login = folder / "flower.auth"
        if not login.exists():
            with open(login, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(f"desk:{secrets.token_urlsafe(12)}\n")
        command = [
            "-m",
            "celery",
            "-A",
            "worker.app",
            "flower",
            f"--conf={flowerconfig()}",
            "--address=127.0.0.1",
            f"--port={port}",
        ]
        names = {"FLOWER_AUTH_FILE": str(login), "FLOWER_DB": str(folder / "flower.db")}
        self._spawn("flower", command, log, **names)
        return login

    def _spawn(self, name: str, arguments: Sequence[str], log: Path | None, **env: str) -> None:
        stream: IO[bytes] | None = None
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            stream = log.open("ab")
            self._logs.append(stream)
        # A session of its own: Ctrl-C reaches us alone, and we stop the workers gently.
        self._children[name] = subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **environment(self._settings), "REMAP_SIGTERM": "", **env},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )

    def wait_ready(self, within_s: float = READY_WITHIN_S) -> None:
        """Return when the worker takes messages. Raises CopydeskError when it ends or is not ready in time."""
        until = time.monotonic() + within_s
        while not list((self._settings.data_dir / "run").glob(f"{self._node}@*/ready")):
            if (gone := self.ended()) is not None:
                raise CopydeskError(f"the {gone[0]} ended with exit code {gone[1]}")
            if time.monotonic() > until:
                raise CopydeskError(f"the worker was not ready within {within_s:.0f} s")
            time.sleep(0.05)

    @property
    def pids(self) -> dict[str, int]:
        return {name: child.pid for name, child in self._children.items()}

    def ended(self) -> tuple[str, int] | None:
        """The first child that has ended, with its exit code; None while all run."""
        for name, child in self._children.items():
            if child.poll() is not None:
                return name, child.returncode
        return None

    def stop(self) -> None:
        """Stop all: running batches are finished, then handed back, then killed. Twice does no harm.

        Celery's soft shutdown always sleeps its whole timeout, so it comes second here: a supervisor that knows only
        SIGTERM needs it first (REMAP_SIGTERM), we do not.
        """
        settings = self._settings.worker
        for sign, patience_s in (
            (signal.SIGTERM, settings.soft_shutdown_s),
            (signal.SIGQUIT, settings.grace_s),
            (signal.SIGKILL, settings.grace_s),
        ):
            running = [child for child in self._children.values() if child.poll() is None]
            for child in running:
                os.killpg(child.pid, sign) if sign == signal.SIGKILL else child.send_signal(sign)
            until = time.monotonic() + patience_s
            for child in running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(max(0.1, until - time.monotonic()))
        for stream in self._logs:
            stream.close()
        self._logs.clear()
