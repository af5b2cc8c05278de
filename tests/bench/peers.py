"""What people would build instead, on the same captures in the same run. What is not installed is told as such."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import peer_desk
from measuring import cpu_of, redis_seen
from through import SETTLES_S

from worker.models import RawCapture
from worker.settings import Settings

HERE = Path(__file__).parent
PACKAGES = "celery trafilatura datasketch geotext datatrove news-please spacy resiliparse".split()
PATIENCE_S = 240.0


def versions() -> dict[str, str]:
    told = {}
    for package in PACKAGES:
        try:
            told[package] = version(package)
        except PackageNotFoundError:
            told[package] = "not installed"
    return told


def tried(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` measures, or why it could not be measured: a peer that is missing shows."""
    try:
        return work()
    except Exception as exc:  # whatever a stranger's package raises
        return {"missing": f"{type(exc).__name__}: {str(exc).partition(chr(10))[0][:160]}"}


class ADay:
    """Peer (a) with one worker process, slice by slice: CPU of worker, producer and Redis.

    The first slice pays for the worker's start and for its libraries.
    """

    def __init__(self, settings: Settings) -> None:
        import datasketch
        import geotext  # noqa: F401

        assert datasketch
        self._settings, self._sent = settings, 0
        self._store = settings.data_dir / "peer.sqlite"
        environment = {**os.environ, "PEER_BROKER": settings.broker.url, "PEER_STORE": str(self._store)}
        command = "-m celery -A peer_desk worker --concurrency 1 --without-gossip --without-mingle --loglevel WARNING"
        with (settings.data_dir / "peer.log").open("wb") as log:
            self._worker = subprocess.Popen(
                [sys.executable, *command.split()], cwd=HERE, env=environment, stdout=log, stderr=log
            )

    def take(self, raws: Sequence[RawCapture]) -> dict[str, Any]:
        pid, seen = self._worker.pid, redis_seen(self._settings)
        cpu, own, began = cpu_of(pid), time.process_time(), time.perf_counter()
        _send(raws, self._settings.broker.url)
        own = time.process_time() - own
        self._sent += len(raws)
        _stored(self._store, self._sent, self._worker)
        wall = time.perf_counter() - began
        time.sleep(SETTLES_S)
        cpu, after = cpu_of(pid) - cpu, redis_seen(self._settings)
        return {
            "cpu_ms": (cpu + own + after["cpu_s"] - seen["cpu_s"]) / len(raws) * 1000,
            "wall_per_s": len(raws) / wall,
            "redis_round_trips": (after["round_trips"] - seen["round_trips"]) / len(raws),
            "redis_bytes_kept": (after["memory"] - seen["memory"]) / len(raws),
        }

    def close(self) -> None:
        self._worker.send_signal(signal.SIGQUIT)
        try:
            self._worker.wait(20)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()


def _send(raws: Sequence[RawCapture], broker: str) -> None:
    kinds = {"text/html": "html", "text/plain": "text"}
    with peer_desk.app.connection_for_write(broker) as connection, peer_desk.app.amqp.Producer(connection) as producer:
        for raw in raws:
            named = (raw.url, raw.body.decode("utf-8", "replace"), kinds[raw.media_type])
            peer_desk.page.apply_async(named, producer=producer)


def _stored(path: Path, count: int, worker: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        if worker.poll() is not None:
            raise RuntimeError(f"its worker ended with {worker.returncode}")
        if time.monotonic() > until:
            raise RuntimeError(f"not done within {PATIENCE_S:.0f} s")
        if path.exists():
            with sqlite3.connect(path) as connection:
                try:
                    if connection.execute("SELECT count(*) FROM articles").fetchone()[0] >= count:
                        return
                except sqlite3.OperationalError:
                    pass  # the table is not there yet
        time.sleep(0.05)


def datatrove(raws: Sequence[RawCapture]) -> dict[str, Any]:
    """Peer (b): extraction and MinHash signatures, as its own recipe for a crawl runs them, in this process."""
    from datatrove.data import Document
    from datatrove.pipeline.dedup import MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.extractors import Trafilatura

    def documents(some: Sequence[RawCapture]) -> Any:
        for raw in some:
            yield Document(text=raw.body.decode("utf-8", "replace"), id=raw.url or "", metadata={"url": raw.url})

    is_page = raws[0].media_type == "text/html"
    with tempfile.TemporaryDirectory(prefix="cdb") as folder:

        def run(some: Sequence[RawCapture]) -> None:
            found = documents(some)
            if is_page:
                # timeout 0: no process of its own a page, which only a crawl's worst pages need
                found = Trafilatura(favour_precision=True, timeout=30).run(found)
            MinhashDedupSignature(output_folder=folder, config=MinhashConfig(), language="en").run(found, 0, 1)

        run(raws[:2])
        return _timed(lambda: run(raws), len(raws))


def news_please(raws: Sequence[RawCapture]) -> dict[str, Any]:
    """Peer (c): `from_html`, extraction with metadata; pages only."""
    if raws[0].media_type != "text/html":
        return {"missing": "takes pages only"}
    from newsplease import NewsPlease

    pages = [(raw.body.decode("utf-8", "replace"), raw.url) for raw in raws]
    NewsPlease.from_html(*pages[0])
    return _timed(lambda: [NewsPlease.from_html(page, url, fetch_images=False) for page, url in pages], len(pages))


def libraries(raws: Sequence[RawCapture], texts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Peer (d): each stage's library alone, on what the stage gets."""
    told: dict[str, dict[str, Any]] = {}
    if raws[0].media_type == "text/html":
        pages = [raw.body.decode("utf-8", "replace") for raw in raws]

        def trafilatura_alone() -> dict[str, Any]:
            peer_desk.article_of(pages[0], "html")
            return _timed(lambda: [peer_desk.article_of(page, "html") for page in pages], len(pages))

        def resiliparse_alone() -> dict[str, Any]:
            from resiliparse.extract.html2text import extract_plain_text

            return _timed(lambda: [extract_plain_text(page, main_content=True) for page in pages], len(pages))

        told["normalize: trafilatura, with metadata"] = tried(trafilatura_alone)
        told["normalize: resiliparse, text alone"] = tried(resiliparse_alone)

    def each(one: Callable[[str], object]) -> Callable[[], dict[str, Any]]:
        def measured() -> dict[str, Any]:
            one(texts[0])
            return _timed(lambda: [one(text) for text in texts], len(texts))

        return measured

    told["deduplicate: datasketch, MinHash in memory"] = tried(each(peer_desk.minhash_of))
    told["classify: geotext, countries"] = tried(each(peer_desk.countries_of))
    told["classify: a list of words, topics"] = tried(each(peer_desk.topics_of))
    return told


def _timed(work: Callable[[], object], count: int) -> dict[str, Any]:
    began, wall, of_children = time.process_time(), time.perf_counter(), os.times()
    work()
    wall, after = time.perf_counter() - wall, os.times()
    cpu = time.process_time() - began
    cpu += after.children_user + after.children_system - of_children.children_user - of_children.children_system
    return {"cpu_ms": cpu / count * 1000, "wall_per_s": count / wall}
